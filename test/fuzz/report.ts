/** What a run says: each thing found with the way back to it, and a table at the end. */
import { keep } from './corpus.ts';
import type { Tally } from './fuzzer.ts';
import type { Finding } from './pure/messages.ts';

/** Writes the input of a finding to a file, and says what happened and how to have it again. */
export function findingText(finding: Finding, { seed, out }: { seed: number; out: string }): string {
  const { border, round, one, problem } = finding;
  const path = keep(border, one, `seed ${seed} round ${round}`, out);
  return [
    `FOUND in ${border}, seed ${seed}, round ${round}: ${one.head}`,
    ...problem
      .split('\n')
      .slice(0, MOST_LINES)
      .map(line => `  ${line.slice(0, MOST_COLUMNS)}`),
    `  the input is ${path}`,
    `  again: npm run fuzz -- --replay ${path}`,
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
