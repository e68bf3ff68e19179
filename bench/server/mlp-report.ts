/** The small model: what every server comes to, and how many times that fairlead is. */
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../measure/table.ts';
import type { Contestant } from './contestant.ts';
import type { Sample } from './samples.ts';

/** The number of connections that latency, CPU and memory are shown for. */
const TYPICAL = 32;

/** Both tables, apart by an empty line; a server without samples has no row. */
export function renderMlp(contestants: readonly Contestant[], samples: readonly Sample[]): string {
  const present = contestants.filter(({ name }) => samples.some(({ server }) => server === name));
  const connections = [...new Set(samples.map(sample => sample.connections))].toSorted((a, b) => a - b);
  const tables = [figures(present, connections, samples), ratios(present, connections, samples)];
  return tables.filter(table => table !== '').join('\n\n');
}

type Samples = readonly Sample[];
type Connections = readonly number[];

function figures(contestants: readonly Contestant[], connections: Connections, samples: Samples): string {
  const rates = connections.map(each => `requests/s, c=${each}`);
  const header = ['server', ...rates, 'p50 ms', 'p99 ms', 'CPU µs/request', 'RSS MB', 'errors'];
  return renderTable(
    header,
    contestants.map(({ name }) => figuresOf(name, connections, samples)),
  );
}

function figuresOf(server: string, connections: Connections, samples: Samples): string[] {
  const own = samples.filter(sample => sample.server === server);
  const medianOf = (pick: (sample: Sample) => number): string => formatFigure(typical(own, pick));
  return [
    server,
    ...connections.map(each => formatSpread(spreadOf(at(own, each).map(rate)))),
    medianOf(sample => sample.p50Ms),
    medianOf(sample => sample.p99Ms),
    medianOf(sample => sample.cpuUs),
    medianOf(sample => sample.residentBytes / 1e6),
    String(own.reduce((sum, sample) => sum + sample.errors, 0)),
  ];
}

/**
 * A row for each peer, its better variant at each number of connections, one for the best of the Python servers, and
 * one for each form of fairlead against the floor. In brackets the ratios round by round.
 */
function ratios(contestants: readonly Contestant[], connections: Connections, samples: Samples): string {
  const [first, ...forms] = contestants.filter(({ kind }) => kind === 'fairlead');
  if (first === undefined) return '';
  const peers = contestants.filter(({ kind }) => kind === 'python' || kind === 'native');
  const floor = contestants.filter(({ kind }) => kind === 'floor');
  const python = peers.filter(({ kind }) => kind === 'python');
  const groups = [...new Set(peers.map(({ peer }) => peer))];
  const pairs = [
    ...groups.map(group => ({ subject: first, name: group, of: peers.filter(({ peer }) => peer === group) })),
    ...(python.length === 0 ? [] : [{ subject: first, name: 'the best Python server', of: python }]),
    ...[first, ...forms].flatMap(subject => floor.map(each => ({ subject, name: each.name, of: [each] }))),
  ];
  if (pairs.length === 0) return '';
  const rows = pairs.map(({ subject, name, of }) => [
    `${subject.name} ÷ ${name}`,
    ...connections.map(each => ratioAt(each, subject, of, samples)),
    latencyRatio(subject, of, samples),
  ]);
  const header = [
    'requests/s',
    ...connections.map(each => `c=${each}`),
    `p99 at c=${TYPICAL}, theirs ÷ ours`,
  ];
  return renderTable(header, rows);
}

function ratioAt(
  connections: number,
  { name }: Contestant,
  rivals: readonly Contestant[],
  samples: Samples,
): string {
  const own = at(ofServer(name, samples), connections);
  const theirs = rivals
    .map(rival => at(ofServer(rival.name, samples), connections))
    .filter(list => list.length > 0);
  const best = theirs.toSorted((a, b) => median(b.map(rate)) - median(a.map(rate)))[0];
  if (best === undefined || own.length === 0) return '–';
  const shared = own.filter(({ round }) => best.some(each => each.round === round));
  const paired = best.filter(({ round }) => own.some(each => each.round === round));
  const byRound = pairedRatios(shared.map(rate), paired.map(rate));
  const { min, max } = spreadOf(byRound);
  const ratio = median(own.map(rate)) / median(best.map(rate));
  return `${formatFigure(ratio)}× (${formatFigure(min)}–${formatFigure(max)})`;
}

function latencyRatio({ name }: Contestant, rivals: readonly Contestant[], samples: Samples): string {
  const p99 = (server: string): number => typical(ofServer(server, samples), sample => sample.p99Ms);
  const best = Math.min(...rivals.map(rival => p99(rival.name)).filter(Number.isFinite));
  return `${formatFigure(best / p99(name))}×`;
}

function ofServer(server: string, samples: Samples): Samples {
  return samples.filter(sample => sample.server === server).toSorted((a, b) => a.round - b.round);
}

function at(samples: Samples, connections: number): Samples {
  return samples.filter(sample => sample.connections === connections);
}

function rate({ requestsPerSecond }: Sample): number {
  return requestsPerSecond;
}

function typical(samples: Samples, pick: (sample: Sample) => number): number {
  const values = at(samples, TYPICAL).map(pick);
  return values.length === 0 ? Number.NaN : median(values);
}

function median(values: readonly number[]): number {
  return spreadOf(values).median;
}
