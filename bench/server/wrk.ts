/** The load: wrk's command line, and what post.lua makes it print. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Command } from '../measure/children.ts';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** The file that every request posts. */
  readonly body: string;
  /** `NAME=VALUE` each. */
  readonly headers: readonly string[];
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers above 399 and socket faults, together. */
  readonly errors: number;
}

/** wrk on the client's core, apart from the server's. */
export function wrkCommand({ url, connections, seconds, body, headers }: Load, core: number): Command {
  // Beyond wrk's own two seconds, an answer is late but no fault.
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '30s'];
  const script = join(import.meta.dirname, 'post.lua');
  return {
    name: 'wrk',
    argv: ['taskset', '-c', `${core}`, 'wrk', ...load, '-s', script, url, '--', body, ...headers],
  };
}

const count = z.int().min(0);
const resultLine = z.object({
  requests: count,
  durationUs: z.number().positive(),
  p50Us: z.number(),
  p99Us: z.number(),
  errors: z.object({ status: count, connect: count, read: count, write: count, timeout: count }),
});

/** Reads post.lua's RESULT line out of wrk's output. Throws when there is none. */
export function parseWrk(output: string): LoadResult {
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result:\n${output.slice(-1_000)}`);
  const { requests, durationUs, p50Us, p99Us, errors } = resultLine.parse(JSON.parse(line));
  return {
    requestsPerSecond: requests / (durationUs / 1e6),
    requests,
    p50Ms: p50Us / 1e3,
    p99Ms: p99Us / 1e3,
    errors: Object.values(errors).reduce((sum, each) => sum + each, 0),
  };
}
