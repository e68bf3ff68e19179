/** The kinds of fields that a file is made of, for property tests. */
import * as fc from 'fast-check';

export const optional: { requiredKeys: [] } = { requiredKeys: [] };

export const whole = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least, max: most });

/** Numbers of whole milliseconds up to a day, in every unit that says them. */
export const duration = (least: number, most: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(['ms', 1], ['s', 1000], ['m', 60_000], ['h', 3_600_000]),
      fc.integer({ min: least, max: most }),
    )
    .map(([[unit, scale], milliseconds]) => `${Math.ceil(milliseconds / scale)}${unit}`);

/** Bytes, up to so many; at least 2 ** 31. */
export const sizeBelow = (most: number): fc.Arbitrary<string | number> =>
  fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.integer({ min: 1, max: most }).map(String),
    fc
      .tuple(fc.integer({ min: 1, max: 2047 }), fc.constantFrom('k', 'Ki', 'M', 'Mi'))
      .map(([n, unit]) => `${n}${unit}`),
  );
