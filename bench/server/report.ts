/** Samples in, Markdown out: one table of figures, one of ratios to each baseline. */
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../measure/table.ts';
import type { LoadResult } from './wrk.ts';

/** One measurement of one server: one round, one number of connections. */
export interface Sample extends LoadResult {
  readonly server: string;
  readonly round: number;
  readonly connections: number;
  /** CPU of the server a request, user and system, in microseconds. */
  readonly cpuUs: number;
  /** Of the server and its children, right after the load. */
  readonly residentBytes: number;
}

export interface Report {
  /** In the order of the rows. */
  readonly servers: readonly string[];
  /** Those among them that the others are compared with. */
  readonly baselines: readonly string[];
  readonly connections: readonly number[];
  readonly samples: readonly Sample[];
}

/** The number of connections that latency, CPU and memory are shown for. */
const typicalLoad = 32;

/** Both tables, apart by an empty line. Throws RangeError when a server has no samples. */
export function renderReport(report: Report): string {
  return `${renderFigures(report)}\n\n${renderRatios(report)}`;
}

function renderFigures(report: Report): string {
  const rates = report.connections.map(connections => `requests/s, c=${connections}`);
  const header = ['server', ...rates, 'p50 ms', 'p99 ms', 'CPU µs/request', 'RSS MB', 'errors'];
  return renderTable(
    header,
    report.servers.map(server => figuresOf(server, report)),
  );
}

function figuresOf(server: string, { samples, connections }: Report): string[] {
  const own = samples.filter(sample => sample.server === server);
  const typical = own.filter(sample => sample.connections === typicalLoad);
  const medianOf = (pick: (sample: Sample) => number): string =>
    formatFigure(spreadOf(typical.map(pick)).median);
  return [
    server,
    ...connections.map(each => formatSpread(spreadOf(ratesOf(server, each, samples)))),
    medianOf(sample => sample.p50Ms),
    medianOf(sample => sample.p99Ms),
    medianOf(sample => sample.cpuUs),
    medianOf(sample => sample.residentBytes / 1e6),
    String(own.reduce((sum, sample) => sum + sample.errors, 0)),
  ];
}

/** Each cell: the ratio of the medians, then that of each round with its own baseline. */
function renderRatios({ servers, baselines, connections, samples }: Report): string {
  const subjects = servers.filter(server => !baselines.includes(server));
  const pairs = baselines.flatMap(baseline => subjects.map(subject => ({ subject, baseline })));
  const rows = pairs.map(({ subject, baseline }) => [
    `${subject} ÷ ${baseline}`,
    ...connections.map(each => ratioOf(ratesOf(subject, each, samples), ratesOf(baseline, each, samples))),
  ]);
  return renderTable(['requests/s', ...connections.map(each => `c=${each}`)], rows);
}

function ratioOf(subject: readonly number[], baseline: readonly number[]): string {
  const medians = spreadOf(subject).median / spreadOf(baseline).median;
  return `${formatFigure(medians)}×; by round ${formatSpread(spreadOf(pairedRatios(subject, baseline)))}`;
}

function ratesOf(server: string, connections: number, samples: readonly Sample[]): number[] {
  return samples
    .filter(sample => sample.server === server && sample.connections === connections)
    .toSorted((a, b) => a.round - b.round)
    .map(sample => sample.requestsPerSecond);
}
