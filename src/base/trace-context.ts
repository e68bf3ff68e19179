/**
 * W3C Trace Context: `traceparent` and `tracestate`. What is malformed is as if it had not come: a client's mistake in it must
 * not fail its request.
 */
import type { TraceContext } from './tracing.ts';

/** Later versions may say more behind a dash; version ff and ids of zeros mean nothing. */
const PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Longer ones are nobody's, and each digit would be looked at. */
const LONGEST_PARENT = 512;

/** Of one `tracestate`: as many members as the standard knows, and as many characters as everybody passes on. */
const MOST_MEMBERS = 32;
const LONGEST_STATE = 512;

/** From a longer state, members so long go first. */
const LONG_MEMBER = 128;

/** The flags that are passed on: recorded, and random. */
const KNOWN_FLAGS = 3;

const MEMBER =
  /^([a-z0-9][a-z0-9_\-*/@]{0,255})=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])$/;

/** The context that a request came with; undefined when there was none or it was broken. */
export function traceContextOf(traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > LONGEST_PARENT) return undefined;
  const [, version, traceId, spanId, flags, more] = PARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  const state = typeof tracestate === 'string' ? stateOf(tracestate) : '';
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS, state };
}

/** The header `traceparent` of what is asked of others. */
export function traceparentOf({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${flags & KNOWN_FLAGS}`;
}

/** A `tracestate` that may be passed on: empty when it is broken, without some members when it is too long. */
function stateOf(text: string): string {
  if (text.length > LONGEST_STATE * MOST_MEMBERS) return '';
  const members = text
    .split(',')
    .map(member => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter(member => member !== '');
  const keys = new Set(members.map(member => MEMBER.exec(member)?.[1]));
  if (keys.has(undefined) || keys.size < members.length || members.length > MOST_MEMBERS) return '';
  return shortened(members);
}

function shortened(members: readonly string[]): string {
  const whole = members.join(',');
  if (whole.length <= LONGEST_STATE) return whole;
  const kept = members.filter(({ length }) => length <= LONG_MEMBER);
  while (kept.join(',').length > LONGEST_STATE) kept.pop();
  return kept.join(',');
}
