import type { TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';

/** Sizes that are wrong for every tensor, or larger than any. */
export const NASTY_SIZES = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1] as const;

/** A shape that fits a declaration, mostly. */
export function shapeFor({ shape, unknownRank }: TensorSpec, rows: number, random: Random): number[] {
  if (unknownRank === true) return random.list(random.size(4), () => random.below(4));
  const sizes = shape.map((size, axis) => {
    if (size !== -1) return size;
    return axis === 0 ? rows : random.between(0, 3);
  });
  return random.chance(0.05) ? odd(sizes, random) : sizes;
}

function odd(sizes: readonly number[], random: Random): number[] {
  const at = random.below(sizes.length + 1);
  const size = random.pick(NASTY_SIZES);
  return random.chance(0.5) ? [...sizes.slice(0, at), size, ...sizes.slice(at)] : sizes.toSpliced(at, 1);
}

export function countOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((count, size) => count * size, 1);
}

/** Elements that are written out at most. */
export const MOST_WRITTEN = 2000;

/** A shape whose elements can be written out. */
export function writable(shape: readonly number[]): readonly number[] {
  const isSmall = countOf(shape) <= MOST_WRITTEN && shape.every(size => size <= MOST_WRITTEN);
  return isSmall ? shape : [2];
}
