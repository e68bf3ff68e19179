/** Points in, Markdown out: a table for each model. */
import { doubtOf, type Tally } from '../../measure/open-loop/tally.ts';
import { spreadOf } from '../../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../../measure/table.ts';
import type { Memory } from './memory.ts';

/** One load of one server in one round. */
export interface Point {
  readonly server: string;
  readonly model: string;
  readonly round: number;
  /** Offered, in multiples of the capacity. */
  readonly factor: number;
  /** Of this server in this round: answers within the deadline, a second. */
  readonly capacity: number;
  readonly tally: Tally;
  readonly memory: Memory;
  /** From the end of an overload until the p99 was as before; null when it was not while it was watched. */
  readonly recoveredMs: number | null;
}

/** Beyond it, there is something to recover from. */
export const FULL = 1;

/** Chance alone gives no more than this of the capacity. */
const MOST = 1.1;

const header = [
  'server',
  'offered ÷ capacity',
  'offered/s',
  'achieved/s',
  'goodput ÷ capacity',
  'late % of accepted',
  'refused %',
  'expired %',
  'failed %',
  'p50 ms',
  'p99 ms',
  'RSS MB before → peak → after',
  'normal again after s',
];

/** The model's table: a row for each server and load, in the order in which they come. Throws RangeError without points. */
export function renderModel(points: readonly Point[]): string {
  const rows = [...Map.groupBy(points, ({ server, factor }) => `${server}\n${factor}`).values()];
  return renderTable(header, rows.map(rowOf));
}

/** What each server was found to be able to do, which the loads are multiples of. */
export function renderCapacities(points: readonly Point[]): string {
  if (points.length === 0) throw new RangeError('no points');
  const servers = [...Map.groupBy(points, ({ server }) => server)];
  const rows = servers.map(([server, own]) => {
    const rounds = [...new Map(own.map(({ round, capacity }) => [round, capacity])).values()];
    return [server, spread(rounds)];
  });
  return renderTable(['server', 'capacity, requests/s'], rows);
}

/** One sentence for each measurement that is not what it seems. */
export function doubts(points: readonly Point[]): string[] {
  return points.flatMap(point => {
    const doubt = doubtAbout(point);
    return doubt === undefined
      ? []
      : [`${point.server} at ${point.factor}×, round ${point.round + 1}: ${doubt}`];
  });
}

/** Why the generator may have measured itself, or the load was another than it is called. */
function doubtAbout(point: Point): string | undefined {
  const more = goodput(point);
  const fault = `it did ${formatFigure(more)} times what was taken for its capacity, so the load was less than it is called`;
  return doubtOf(point.tally) ?? (more > MOST ? fault : undefined);
}

function rowOf(group: readonly Point[]): string[] {
  const [first] = group;
  if (first === undefined) throw new RangeError('no points');
  const median = (pick: (point: Point) => number | null): string => formatFigure(middle(group.map(pick)));
  const percent = (pick: (tally: Tally) => number, of: (tally: Tally) => number): string =>
    median(({ tally }) => share(pick(tally), of(tally)));
  const doubted = group.some(point => doubtAbout(point) !== undefined);
  return [
    first.server,
    `${first.factor}×${doubted ? ' †' : ''}`,
    median(({ tally }) => tally.offered),
    median(({ tally }) => tally.achieved),
    spread(group.map(goodput)),
    percent(({ late, abandoned }) => late + abandoned, accepted),
    percent(
      ({ refused }) => refused,
      ({ requests }) => requests,
    ),
    percent(
      ({ expired }) => expired,
      ({ requests }) => requests,
    ),
    percent(
      ({ failed }) => failed,
      ({ requests }) => requests,
    ),
    median(({ tally }) => tally.p50Ms),
    spread(group.map(({ tally }) => tally.p99Ms)),
    memoryOf(group),
    recoveryOf(group),
  ];
}

/** Answers in time a second, as a share of what the server can do. */
export function goodput({ tally, capacity }: Point): number {
  return tally.inTime / tally.seconds / capacity;
}

function accepted({ inTime, late, abandoned }: Tally): number {
  return inTime + late + abandoned;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole;
}

function memoryOf(group: readonly Point[]): string {
  const stages = ['before', 'peak', 'after'] as const;
  return stages
    .map(stage => formatFigure(middle(group.map(({ memory }) => memory[stage])) / 1e6))
    .join(' → ');
}

function recoveryOf(group: readonly Point[]): string {
  if ((group[0]?.factor ?? 0) <= FULL) return '';
  const known = group.map(({ recoveredMs }) => recoveredMs).filter(value => value !== null);
  const text = known.length === 0 ? 'not' : spread(known.map(value => value / 1000));
  const never = group.length - known.length;
  return known.length === 0 || never === 0 ? text : `${text}; not in ${never} of ${group.length}`;
}

function middle(values: readonly (number | null)[]): number {
  const known = values.filter(value => value !== null);
  return known.length === 0 ? Number.NaN : spreadOf(known).median;
}

function spread(values: readonly (number | null)[]): string {
  const known = values.filter(value => value !== null);
  if (known.length === 0) return formatFigure(Number.NaN);
  return known.length === 1 ? formatFigure(known[0] ?? Number.NaN) : formatSpread(spreadOf(known));
}
