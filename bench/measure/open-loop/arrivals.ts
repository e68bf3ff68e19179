/** When each request of an open loop is due: decided before the first is sent, whatever the server does then. */

/** So many requests a second for so long. */
export interface Phase {
  readonly rate: number;
  readonly seconds: number;
}

/** Independent users, or a metronome. */
export type Pattern = 'poisson' | 'even';

export interface Schedule {
  /** Milliseconds from the start at which each request is due, ascending. */
  readonly at: Float64Array;
  /** The index of the first request of each phase, and then how many there are. */
  readonly starts: readonly number[];
}

/** More than an hour of what one core can send. */
const MOST = 50_000_000;

/** The schedule of phases that follow each other at once. The same seed gives the same times. Throws RangeError on what cannot be. */
export function schedule(phases: readonly Phase[], pattern: Pattern, seed: number): Schedule {
  const random = uniform(seed);
  const times: number[] = [];
  const starts = [0];
  let begin = 0;
  for (const { rate, seconds } of phases) {
    if (!(rate > 0 && seconds > 0 && rate * seconds <= MOST))
      throw new RangeError(`cannot send ${rate} requests/s for ${seconds} s`);
    const offsets = pattern === 'even' ? metronome(rate, seconds) : independent(rate, seconds, random);
    for (const offset of offsets) times.push(begin + offset);
    starts.push(times.length);
    begin += seconds * 1000;
  }
  return { at: Float64Array.from(times), starts };
}

function* metronome(rate: number, seconds: number): Generator<number> {
  for (let index = 0; index < rate * seconds; index++) yield (index * 1000) / rate;
}

/** An exponential gap has no memory, so that each phase may draw its first one afresh. */
function* independent(rate: number, seconds: number, random: () => number): Generator<number> {
  const gap = (): number => -Math.log(1 - random()) * (1000 / rate);
  for (let at = gap(); at < seconds * 1000; at += gap()) yield at;
}

/** Numbers in [0, 1) that look random: a 32-bit Weyl sequence behind the murmur3 finaliser. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
