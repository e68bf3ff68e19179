/** Whether memory levels off. */

export interface Sample {
  /** Seconds since the traffic began. */
  readonly at: number;
  readonly mib: number;
}

export interface Growth {
  /** MiB, the medians of two stretches. */
  readonly before: number;
  readonly after: number;
  /** Of `before`; 0.1 is a tenth more. */
  readonly share: number;
  /** The most that `share` may be. */
  readonly limit: number;
  /** The stretches, in words. */
  readonly rule: string;
}

/** From here on a run is held to the rules of long ones. Seconds. */
export const LONG = 300;

/** In a minute, buffers and code are still being filled and compiled: a leak that shows in it is a large one. */
const SHORT_LIMIT = 0.3;

const LONG_LIMIT = 0.1;

/**
 * The median of the last tenth beside that of the second minute. A run of less than five minutes has no second minute to
 * speak of: there, the third quarter of its first minute stands in for it, and more growth is allowed.
 */
export function growthOf(samples: readonly Sample[], seconds: number): Growth {
  const isLong = seconds >= LONG;
  const first = Math.min(seconds, 60);
  const [from, to] = isLong ? [60, 120] : [first / 2, first * 0.75];
  const before = medianIn(samples, from, to);
  const after = medianIn(samples, seconds * 0.9, seconds);
  const limit = isLong ? LONG_LIMIT : SHORT_LIMIT;
  const rule = `median of ${round(seconds * 0.9)}–${seconds} s beside that of ${round(from)}–${round(to)} s`;
  return { before, after, share: before === 0 ? 0 : after / before - 1, limit, rule };
}

function medianIn(samples: readonly Sample[], from: number, to: number): number {
  return median(samples.filter(({ at }) => at >= from && at <= to).map(({ mib }) => mib));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function round(value: number): string {
  return String(Number(value.toFixed(1)));
}

const BARS = '▁▂▃▄▅▆▇█';

/** A curve of values in one line, from the least of them to the most. */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const part = values.slice(
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const least = Math.min(...means);
  const range = Math.max(...means) - least;
  return means
    .map(mean => BARS[range === 0 ? 0 : Math.round(((mean - least) / range) * (BARS.length - 1))])
    .join('');
}
