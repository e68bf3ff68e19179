/** What the engine's own reader makes of a text, with the text of each number as it stood there. */
import { isUtf8 } from 'node:buffer';
import { fromHalf } from '../../../src/server/tensors/half.ts';
import type { Datatype } from '../../../src/server/tensors/tensor.ts';

export interface Parsed {
  readonly value: unknown;
  /** The source of each leaf that is a primitive, in order. */
  readonly sources: readonly (string | undefined)[];
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An element of a tensor: an object is one, which its source is not needed for. */
class Leaf {
  readonly value: unknown;
  readonly source: string | undefined;

  constructor(value: unknown, source: string | undefined) {
    this.value = value;
    this.source = source;
  }
}

/** Undefined for what is no JSON. */
export function parsed(body: Buffer): Parsed | undefined {
  if (!isUtf8(body)) return undefined;
  const mark: Reviver = (_, value, { source }) =>
    Array.isArray(value) || value instanceof Leaf ? value : new Leaf(value, source);
  try {
    const value: unknown = JSON.parse(body.toString(), mark as Parameters<typeof JSON.parse>[1]);
    const sources = leavesOf(value).map(leaf => (leaf as Leaf).source);
    return { value, sources };
  } catch {
    return undefined;
  }
}

/** The elements of a nest of lists. */
export function leavesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value.flat(Infinity) as unknown[]) : [value];
}

/** Whether an element of a tensor is what stood in the text. */
export function elementFits(
  datatype: Datatype,
  element: number | bigint | Buffer | undefined,
  { leaf, source }: { readonly leaf: unknown; readonly source: string | undefined },
): boolean {
  const { value } = leaf as Leaf;
  if (Buffer.isBuffer(element)) return typeof value !== 'string' || element.equals(Buffer.from(value));
  if (datatype === 'BOOL') return typeof value === 'boolean' && element === Number(value);
  if (typeof element === 'bigint' && /^-?\d+$/.test(source ?? '')) return element === BigInt(source ?? '');
  return typeof value === 'number' && Object.is(Number(shown(datatype, element)), rounded(datatype, value));
}

function shown(datatype: Datatype, element: number | bigint | undefined): number | bigint {
  return datatype === 'FP16' ? fromHalf(Number(element)) : (element ?? Number.NaN);
}

function rounded(datatype: Datatype, value: number): number {
  if (datatype === 'FP64') return value;
  if (datatype === 'FP32') return Math.fround(value);
  if (datatype === 'FP16')
    return (Math as unknown as { f16round: (value: number) => number }).f16round(value);
  // An integer has no negative zero.
  return value === 0 ? 0 : value;
}

const INTEGERS: Readonly<Partial<Record<Datatype, readonly [least: bigint, most: bigint]>>> = {
  UINT8: [0n, 255n],
  UINT16: [0n, 65_535n],
  UINT32: [0n, 4_294_967_295n],
  UINT64: [0n, 2n ** 64n - 1n],
  INT8: [-128n, 127n],
  INT16: [-32_768n, 32_767n],
  INT32: [-2_147_483_648n, 2_147_483_647n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Whether an element must be taken as the datatype. */
export function mustFit(datatype: Datatype, leaf: unknown, source = ''): boolean {
  const { value } = leaf as Leaf;
  if (datatype === 'BYTES') return typeof value === 'string' && value.isWellFormed();
  if (datatype === 'BOOL') return typeof value === 'boolean';
  if (typeof value !== 'number') return false;
  const range = INTEGERS[datatype];
  if (range === undefined) return Number.isFinite(rounded(datatype, value)) && Number.isFinite(value);
  return /^-?\d{1,30}$/.test(source) && BigInt(source) >= range[0] && BigInt(source) <= range[1];
}
