/** What of a file is still to be fetched, and how it is cut for connections that fetch side by side. */
import type { ByteRange } from '../source.ts';

/** What lies between those that are there, in order. */
export function missingOf(size: number, there: readonly ByteRange[]): ByteRange[] {
  const gaps: ByteRange[] = [];
  let at = 0;
  for (const { start, end } of there.toSorted((a, b) => a.start - b.start)) {
    if (start > at) gaps.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  if (at < size) gaps.push({ start: at, end: size });
  return gaps;
}

/** Cuts ranges so that none is longer than so many bytes. */
export function cut(ranges: readonly ByteRange[], most: number): ByteRange[] {
  return ranges.flatMap(({ start, end }) => {
    const count = Math.ceil((end - start) / most);
    return Array.from({ length: count }, (_, at) => ({
      start: start + at * most,
      end: Math.min(end, start + (at + 1) * most),
    }));
  });
}

/**
 * Bytes of one request: many enough that the time until it is answered does not count, few enough that at the end no connection
 * is left alone with much.
 */
export function requestBytes(total: number, connections: number): number {
  const share = Math.ceil(total / (connections * 4));
  return Math.min(MOST_REQUEST, Math.max(LEAST_REQUEST, Math.ceil(share / LEAST_REQUEST) * LEAST_REQUEST));
}

const LEAST_REQUEST = 2 ** 20;
const MOST_REQUEST = 16 * 2 ** 20;

/** How far a file is there without a gap, as ranges of it come in any order. */
export class Frontier {
  /** Ends by starts, of what lies beyond. */
  readonly #beyond = new Map<number, number>();
  #reached = 0;

  get reached(): number {
    return this.#reached;
  }

  /** Of ranges that do not overlap. */
  add({ start, end }: ByteRange): void {
    this.#beyond.set(start, end);
    for (
      let next = this.#beyond.get(this.#reached);
      next !== undefined;
      next = this.#beyond.get(this.#reached)
    ) {
      this.#beyond.delete(this.#reached);
      this.#reached = next;
    }
  }
}
