/** What a run says: each thing found with the way back to it, and a table at the end. */
import { join } from 'node:path';
import { keep } from './corpus.ts';
import type { Finding } from './finding.ts';
import type { Tally } from './fuzzer.ts';

/** Writes the inputs of a finding to files, and says what happened and how to have it again. */
export function findingText(
  { inputs, problem }: Finding,
  { seed, out }: { seed: number; out: string },
): string {
  const [first] = inputs;
  const from = `seed ${seed}, round ${inputs
    .map(({ round }) => round)
    .join(' ')
    .slice(0, 200)}`;
  const folder = inputs.length === 1 ? out : join(out, `${first?.border}-${seed}-${first?.round}`);
  const paths = inputs.map(({ border, round, one }) =>
    keep(border, one, `seed ${seed} round ${round}`, folder),
  );
  const again = paths.length === 1 ? paths[0] : folder;
  return [
    `FOUND in ${[...new Set(inputs.map(({ border }) => border))].join(', ')}, ${from}: ${first?.one.head}`,
    ...problem
      .split('\n')
      .slice(0, MOST_LINES)
      .map(line => `  ${line.slice(0, MOST_COLUMNS)}`),
    `  ${inputs.length === 1 ? 'the input is' : 'one of these, or several, in'} ${again}`,
    `  again: npm run fuzz -- --replay ${again}`,
    '',
  ].join('\n');
}

const MOST_LINES = 12;
const MOST_COLUMNS = 300;

export interface Row {
  readonly border: string;
  readonly tally: Tally;
  readonly ms: number;
  /** Inputs that led to something new. */
  readonly finds: number;
}

export function tableText(rows: readonly Row[]): string {
  const cells = rows.map(({ border, tally, ms, finds }) => [
    border,
    tally.inputs.toLocaleString('en'),
    Math.round(tally.inputs / (ms / 1000)).toLocaleString('en'),
    String(tally.outcomes.size),
    String(finds),
    `${tally.slowest.toFixed(1)} ms`,
  ]);
  return aligned([['border', 'inputs', 'a second', 'outcomes', 'new', 'slowest'], ...cells]);
}

/** The first column to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return `${rows.map(line).join('\n')}\n`;
}
