/** A server that is followed, and what is known of it. */
interface Known {
  readonly address: string;
  /** Whether it is in rotation. */
  readonly healthy: boolean;
  /** When its name had this address last. The clock's milliseconds. */
  readonly confirmedMs: number;
}

/** What a name told: its addresses, of which there may be none, or nothing at all. */
export type Told = readonly string[] | undefined;

/** How long a server that is not well is kept while its name tells nothing. Milliseconds. */
const FORGOTTEN_AFTER_MS = 60_000;

/** Servers of one name that are followed at most: each is asked for its health every second. */
const MOST = 1000;

/**
 * Who comes and who leaves when a name has told its addresses. Who has gone from a list that is not empty leaves, well or not. A list
 * that is empty may be a resolver that knows nothing yet: it takes out only who is not well. No answer at all changes nothing,
 * but that who is not well is forgotten after a minute: its address may be another's by then.
 */
export function turnover<S extends Known>(
  servers: readonly S[],
  told: Told,
  now: number,
): { readonly come: readonly string[]; readonly leave: readonly S[] } {
  if (told === undefined)
    return {
      come: [],
      leave: servers.filter(({ healthy, confirmedMs }) => !healthy && now - confirmedMs > FORGOTTEN_AFTER_MS),
    };
  if (told.length === 0) return { come: [], leave: servers.filter(({ healthy }) => !healthy) };
  const wanted = new Set(told.slice(0, MOST));
  const known = new Set(servers.map(({ address }) => address));
  return {
    come: [...wanted].filter(address => !known.has(address)),
    leave: servers.filter(({ address }) => !wanted.has(address)),
  };
}
