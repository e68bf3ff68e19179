/** What was measured, as tables, and which promises hold. */
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../measure/table.ts';
import type { Again, Resumed, Together } from './promises.ts';
import { FAIRLEAD, type Sample } from './speed.ts';

const MB = 1e6;

/** All that one server was asked. */
export interface Findings {
  readonly origin: string;
  readonly size: number;
  readonly shared: number;
  readonly samples: readonly Sample[];
  /** Peak of a pull of one kilobyte in the same way: the same code, no data. */
  readonly idleBytes?: number;
  readonly resumed?: Resumed;
  readonly again?: Again;
  readonly together?: Together;
}

export function renderReport(all: readonly Findings[], notes: readonly string[]): string {
  const tables = [
    speedTable(all),
    resumeTable(all),
    againTable(all),
    togetherTable(all),
    promises(all)
      .map(({ text, holds }) => `- ${holds ? 'holds' : '**broken**'}: ${text}`)
      .join('\n'),
    notes.join('\n'),
  ];
  return tables.filter(table => table !== '').join('\n\n');
}

function speedTable(all: readonly Findings[]): string {
  const rows = all.flatMap(({ origin, size, samples, idleBytes }) => {
    const names = [...new Set(samples.map(({ name }) => name))];
    return names.map(name => {
      const own = samples.filter(one => one.name === name);
      const growth = name === FAIRLEAD && idleBytes !== undefined ? peakOf(own) - idleBytes : Number.NaN;
      return [
        `${origin}, ${formatFigure(size / 2 ** 20)} MiB: ${name}`,
        formatSpread(spreadOf(own.map(({ seconds }) => size / MB / seconds))),
        ratioTo(samples, name, one => one.seconds),
        ratioTo(samples, name, one => one.safeSeconds),
        formatSpread(spreadOf(own.map(({ cpuSeconds }) => cpuSeconds))),
        formatFigure(peakOf(own) / MB),
        formatFigure(growth / MB),
      ];
    });
  });
  const header = [
    'server and command',
    'MB/s',
    "fairlead's is times",
    'and to the disk',
    'CPU s',
    'peak RSS, MB',
    'growth, MB',
  ];
  return rows.length === 0 ? '' : renderTable(header, rows);
}

/** How many times as fast as this one fairlead was, paired by round. */
function ratioTo(samples: readonly Sample[], name: string, of: (sample: Sample) => number): string {
  if (name === FAIRLEAD) return '–';
  const theirs = samples.filter(one => one.name === name).map(of);
  const ours = samples.filter(one => one.name === FAIRLEAD).map(of);
  return ours.length === theirs.length ? formatSpread(spreadOf(pairedRatios(theirs, ours))) : '–';
}

function peakOf(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ peakBytes }) => peakBytes));
}

function resumeTable(all: readonly Findings[]): string {
  const rows = all.flatMap(({ origin, resumed }) =>
    resumed === undefined
      ? []
      : [[origin, percent(resumed.killedAt), percent(resumed.again), formatFigure(resumed.seconds)]],
  );
  return rows.length === 0
    ? ''
    : renderTable(['`kill -9` of a pull', 'bytes sent till then', 'bytes sent to the next pull', 's'], rows);
}

function againTable(all: readonly Findings[]): string {
  const rows = all.flatMap(({ origin, again }) =>
    again === undefined
      ? []
      : [
          [
            origin,
            formatFigure(again.seconds),
            formatFigure(again.sent / 1e3),
            formatFigure(again.verifySeconds),
            formatFigure(again.sumSeconds),
          ],
        ],
  );
  const header = [
    'what is there already',
    'second pull, s',
    'kB sent for it',
    '`store verify`, s',
    '`sha256sum`, s',
  ];
  return rows.length === 0 ? '' : renderTable(header, rows);
}

function togetherTable(all: readonly Findings[]): string {
  const rows = all.flatMap(({ origin, together, shared }) =>
    together === undefined
      ? []
      : [
          [
            `${origin}, ${formatFigure(shared / MB)} MB, ${together.processes} processes`,
            together.times.toFixed(3),
            formatFigure(together.seconds),
            formatFigure(together.peakBytes / MB),
          ],
        ],
  );
  const header = ['pulled at once', 'times its size that left the server', 's', 'peak RSS of one, MB'];
  return rows.length === 0 ? '' : renderTable(header, rows);
}

function percent(part: number): string {
  return `${formatFigure(part * 100)} %`;
}

export interface Kept {
  readonly text: string;
  readonly holds: boolean;
}

/** What the store promises, held against each server. */
export function promises(all: readonly Findings[]): Kept[] {
  return all.flatMap(({ origin, samples, idleBytes, resumed, together }) => {
    const own = samples.filter(({ name }) => name === FAIRLEAD);
    const kept: Kept[] = slowest(origin, samples);
    if (own.length > 0 && idleBytes !== undefined) {
      const growth = (peakOf(own) - idleBytes) / 2 ** 20;
      kept.push({
        text: `${origin}: memory grew by ${formatFigure(growth)} MiB, at most 64`,
        holds: growth <= 64,
      });
    }
    if (resumed !== undefined)
      kept.push({
        text: `${origin}: after a kill at ${percent(resumed.killedAt)}, ${percent(resumed.again)} came again, at most 15 %`,
        holds: resumed.again <= 0.15,
      });
    if (together !== undefined)
      kept.push({
        text: `${origin}: ${together.processes} at once had it sent ${together.times.toFixed(3)} times, once and its talk`,
        holds: together.times < 1.05,
      });
    return kept;
  });
}

/** The fastest of the others is the one to be held against. */
function slowest(origin: string, samples: readonly Sample[]): Kept[] {
  const seconds = (name: string): number =>
    spreadOf(samples.filter(one => one.name === name).map(one => one.seconds)).median;
  const names = [...new Set(samples.map(({ name }) => name))];
  const others = names.filter(name => name !== FAIRLEAD);
  if (others.length === names.length || others.length === 0) return [];
  return others.map(name => {
    const ratio = seconds(name) / seconds(FAIRLEAD);
    return { text: `${origin}: ${formatFigure(ratio)} of ${name}, at least 0.8`, holds: ratio >= 0.8 };
  });
}
