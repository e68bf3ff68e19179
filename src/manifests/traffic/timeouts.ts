/** For how long a router waits for an answer, and how its API writes that. */
import { foreignKind, milliseconds } from '#spec';
import type { PodArm, Release } from '../release.ts';

/** The server's own refusal is better than that of a router, which says nothing of why; it has so long to arrive. */
const MARGIN_MS = 1000;

/**
 * Milliseconds until an answer: as the file says, otherwise a little more than what the slowest model of any arm allows itself.
 * Undefined where a server of others has no deadline.
 */
export function timeoutMs({ arms }: Release): number | undefined {
  const said = arms[0].service.spec.traffic?.timeout;
  if (said !== undefined) return milliseconds(said);
  const deadlines = arms.map(deadlineMs);
  const known = deadlines.filter(one => one !== undefined);
  return known.length < deadlines.length ? undefined : Math.max(...known) + MARGIN_MS;
}

function deadlineMs(arm: PodArm): number | undefined {
  const { server, runtime } = arm.service.spec;
  const usual =
    server.deadline ?? (foreignKind(runtime) === undefined ? server.limits.requestTime : undefined);
  const { told } = arm.deployed.revision;
  const own = told.kind === 'repository' ? [] : told.entries.map(({ deadline }) => deadline);
  return usual === undefined
    ? undefined
    : Math.max(...[usual, ...own].flatMap(text => (text === undefined ? [] : [milliseconds(text)])));
}

/** As Gateway API writes a duration (GEP-2257): whole numbers of at most five digits, no fractions. */
export function gatewayDuration(ms: number): string {
  const parts = [
    [Math.floor(ms / 3_600_000), 'h'],
    [Math.floor(ms / 60_000) % 60, 'm'],
    [Math.floor(ms / 1000) % 60, 's'],
    [Math.ceil(ms % 1000), 'ms'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join('') || '0s';
}

/** As JSON of protobuf writes a duration: seconds, perhaps with a fraction. */
export function protobufDuration(ms: number): string {
  return `${Math.ceil(ms) / 1000}s`;
}
