/** The load of gRPC: h2load's command line, what it prints, and its log of every request. */
import type { Command } from '../measure/children.ts';
import type { LoadResult } from './wrk.ts';

export interface RpcLoad {
  readonly url: string;
  /** Calls at once. */
  readonly connections: number;
  readonly seconds: number;
  /** The file with the framed message that every call sends. */
  readonly body: string;
  /** Where it logs every request; wiped before. */
  readonly log: string;
}

/** Clients of gRPC share connections: so many carry all calls. */
const CONNECTIONS = 4;

/** h2load on the client's core, apart from the server's. */
export function h2loadCommand({ url, connections, seconds, body, log }: RpcLoad, core: number): Command {
  const clients = Math.min(CONNECTIONS, connections);
  const load = [
    '-t1',
    `-c${clients}`,
    `-m${connections / clients}`,
    `-D${seconds}`,
    `--log-file=${log}`,
    '-d',
    body,
  ];
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
  const h2load = `rm -f "$0" && exec taskset -c ${core} h2load "$@"`;
  return { name: 'h2load', argv: ['sh', '-c', h2load, log, ...load, ...headers, url] };
}

/**
 * Reads h2load's summary, and the percentiles out of its log: start, status and microseconds of each request. It knows
 * HTTP's statuses only; whether calls succeeded is counted by the server. Throws when there is no summary.
 */
export function parseH2load(output: string, log: string): LoadResult {
  const rate = /finished in [\d.]+\w+, ([\d.]+) req\/s/.exec(output)?.[1];
  const counts =
    /requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/.exec(
      output,
    );
  if (rate === undefined || counts === null)
    throw new Error(`h2load printed no result:\n${output.slice(-1_000)}`);
  const [requests = 0, ...errors] = counts.slice(1).map(Number);
  const times = Float64Array.from(
    log.trim().split('\n'),
    line => Number(line.split('\t')[2]) / 1e3,
  ).toSorted();
  const percentile = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return {
    requestsPerSecond: Number(rate),
    requests,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    errors: errors.reduce((sum, each) => sum + each, 0),
  };
}
