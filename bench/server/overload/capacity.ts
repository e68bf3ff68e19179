/** How much a server can do: the best that any number of patient clients gets out of it in time. */

export interface Level {
  readonly clients: number;
  /** Answers within the deadline, a second. */
  readonly goodput: number;
}

const CLIENTS = [1, 2, 3, 4, 8, 16, 32, 64, 128] as const;

/**
 * Measures with more and more clients until it no longer helps, and gives the best. Throws RangeError when nothing was
 * answered in time even to one client.
 */
export async function capacityOf(measure: (clients: number) => Promise<number>): Promise<Level> {
  let best: Level = { clients: 0, goodput: 0 };
  let worse = 0;
  for (const clients of CLIENTS) {
    const goodput = await measure(clients);
    worse = goodput < 0.9 * best.goodput ? worse + 1 : 0;
    if (goodput > best.goodput) best = { clients, goodput };
    if (worse === 2) break;
  }
  if (best.goodput > 0) return best;
  throw new RangeError('nothing was answered within the deadline, not even to one client');
}
