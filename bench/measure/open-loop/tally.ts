/** What the requests of one phase come to. */
import { z } from 'zod';
import { fates, type Ledger } from './ledger.ts';

const count = z.int().min(0);
const ms = z.number().nullable();

/** Counts of requests, rates a second, milliseconds; null where there was nothing to measure. */
export const tallySchema = z.object({
  seconds: z.number().positive(),
  requests: count,
  offered: z.number(),
  /** What the generator sent before the phase was over. */
  achieved: z.number(),
  /** Answered with 200 within the deadline, from when they were due. */
  inTime: count,
  /** Accepted and answered after it. */
  late: count,
  /** Accepted, as far as anybody can tell, and not answered while the client waited. */
  abandoned: count,
  /** 429 and 503. */
  refused: count,
  /** 504. */
  expired: count,
  /** Any other status, a broken connection, a wrong answer. */
  failed: count,
  /** How often each status came. */
  statuses: z.record(z.string(), count),
  /** Latency of what was accepted, from when it was due; what was abandoned counts for as long as it waited. */
  p50Ms: ms,
  p99Ms: ms,
  /** How long after it was due the generator came to a request. */
  lagP99Ms: ms,
  lagMaxMs: ms,
  /** How long a request then waited for a connection. */
  connectionP99Ms: ms,
});

export type Tally = z.output<typeof tallySchema>;

/** A part of a ledger: requests from `first` up to `end`, in so many seconds that were over at `until` (milliseconds). */
export interface Part {
  readonly first: number;
  readonly end: number;
  readonly seconds: number;
  readonly until: number;
}

/** What was sent so much after its time still counts as sent in time. */
const SLACK_MS = 5;

const classes = ['inTime', 'late', 'abandoned', 'refused', 'expired', 'failed'] as const;
type Class = (typeof classes)[number];

export function tally(ledger: Ledger, part: Part, deadlineMs: number): Tally {
  const { first, end, seconds, until } = part;
  const requests = Array.from({ length: end - first }, (_, index) => first + index);
  const latency = (request: number): number => at(ledger.done, request) - at(ledger.due, request);
  const classOf = requests.map(request => classify(at(ledger.fate, request), latency(request), deadlineMs));
  const accepted = requests.filter((_, index) => isAccepted(classOf[index])).map(latency);
  const lags = requests.map(request => at(ledger.taken, request) - at(ledger.due, request));
  const waits = requests.map(request => at(ledger.sent, request) - at(ledger.taken, request));
  const sent = requests.filter(request => at(ledger.sent, request) <= until + SLACK_MS).length;
  return {
    seconds,
    requests: requests.length,
    offered: requests.length / seconds,
    achieved: sent / seconds,
    ...countsOf(classOf),
    statuses: statusesOf(requests.map(request => at(ledger.fate, request))),
    p50Ms: quantile(accepted, 0.5),
    p99Ms: quantile(accepted, 0.99),
    lagP99Ms: quantile(lags, 0.99),
    lagMaxMs: quantile(lags, 1),
    connectionP99Ms: quantile(
      waits.filter(wait => !Number.isNaN(wait)),
      0.99,
    ),
  };
}

/** Why the generator may have measured itself, or undefined. */
export function doubtOf({ achieved, offered, lagP99Ms, connectionP99Ms }: Tally): string | undefined {
  if (achieved < 0.99 * offered) return `only ${((100 * achieved) / offered).toFixed(1)} % was sent in time`;
  if ((lagP99Ms ?? 0) > SLACK_MS) return `the generator was ${lagP99Ms?.toFixed(1)} ms late at its p99`;
  if ((connectionP99Ms ?? 0) > SLACK_MS)
    return `a request waited ${connectionP99Ms?.toFixed(1)} ms for a connection at the p99`;
  return undefined;
}

/** The smallest value that at least `share` of them do not exceed (nearest rank); null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function classify(fate: number, latencyMs: number, deadlineMs: number): Class {
  if (fate === 200) return latencyMs <= deadlineMs ? 'inTime' : 'late';
  if (fate === fates.abandoned) return 'abandoned';
  if (fate === 429 || fate === 503) return 'refused';
  return fate === 504 ? 'expired' : 'failed';
}

function isAccepted(one: Class | undefined): boolean {
  return one === 'inTime' || one === 'late' || one === 'abandoned';
}

function countsOf(list: readonly Class[]): Record<Class, number> {
  const counts = { inTime: 0, late: 0, abandoned: 0, refused: 0, expired: 0, failed: 0 };
  for (const one of list) counts[one]++;
  return counts;
}

function statusesOf(list: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const fate of list) counts[nameOf(fate)] = (counts[nameOf(fate)] ?? 0) + 1;
  return counts;
}

function nameOf(fate: number): string {
  return Object.entries(fates).find(([, code]) => code === fate)?.[0] ?? String(fate);
}

function at(values: Float64Array | Uint16Array, index: number): number {
  return values[index] ?? Number.NaN;
}
