import type { Values } from './question.ts';

/** The elements of nested lists, in their order. */
export function flat(value: unknown): (number | string)[] {
  return Array.isArray(value) ? value.flatMap(flat) : [value as number | string];
}

/** Values as lists within lists, by their shape. */
export function nested({ shape, data }: Values): unknown {
  const [, ...inner] = shape;
  const size = inner.reduce((product, each) => product * each, 1);
  if (inner.length === 0) return data;
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => data.slice(row * size, (row + 1) * size));
}
