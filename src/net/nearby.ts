/** A request's peer and headers, these by their names in lower case. */
export interface Arriving {
  readonly peer?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What a proxy adds, and what a browser says of the page that asks. */
const TOLD_BY_OTHERS = [
  'forwarded',
  'origin',
  'sec-fetch-site',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
] as const;

/**
 * Whether a program on this machine asks, and for itself: not a proxy for somebody elsewhere, and not a browser for a
 * page that somebody elsewhere wrote.
 */
export function isNearby({ peer, headers }: Arriving): boolean {
  if (peer === undefined || TOLD_BY_OTHERS.some(name => headers[name] !== undefined)) return false;
  return /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(peer);
}
