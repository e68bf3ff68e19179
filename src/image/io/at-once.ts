/**
 * The results of some work in the order of what it is done on, so many at once. Where one fails, the others are told to end by
 * their signal, and have ended before its error is thrown.
 */
export async function atOnce<T, R>(
  items: readonly T[],
  most: number,
  given: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([given, stop.signal]);
  const results: R[] = [];
  const waiting = items.entries();
  const one = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      signal.throwIfAborted();
      results[at] = await work(item, signal);
    }
  };
  const noted = (error: unknown): void => stop.abort(error);
  await Promise.all(Array.from({ length: most }, () => one().catch(noted)));
  given.throwIfAborted();
  stop.signal.throwIfAborted();
  return results;
}
