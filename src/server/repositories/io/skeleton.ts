/**
 * An ONNX file without its weights and operators: what remains is read as the whole would be. Field numbers are those of
 * onnx.proto3; the format is protobuf.dev/programming-guides/encoding.
 */
import { WireError } from '../../runtimes/onnx/wire.ts';
import type { FileWindow } from './file-window.ts';

/** Fields of a message that are kept: whole, or of those in them some. */
interface Kept {
  readonly [number: number]: 'whole' | Kept;
}

const TENSOR: Kept = { 8: 'whole', 13: 'whole', 14: 'whole' };
const GRAPH: Kept = { 5: TENSOR, 11: 'whole', 12: 'whole' };
const MODEL: Kept = { 1: 'whole', 7: GRAPH };

/** Bytes that are kept, at most. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Bytes that a field's number and length take, at most. */
const MOST_HEAD = 20;

/** Throws `WireError` where the bytes are no message, or too many would be kept. */
export async function skeletonOf(window: FileWindow): Promise<Buffer> {
  return Buffer.concat(await new Skeleton(window).keep({ from: 0, to: window.size }, MODEL));
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Field {
  readonly number: number;
  /** Where it begins, with its number. */
  readonly from: number;
  /** What it holds, where it has a length. */
  readonly body: Range | undefined;
  readonly to: number;
}

class Skeleton {
  readonly #window: FileWindow;
  #kept = 0;

  constructor(window: FileWindow) {
    this.#window = window;
  }

  async keep({ from, to }: Range, kept: Kept): Promise<Buffer[]> {
    const parts: Buffer[] = [];
    for (let at = from; at < to; ) {
      const length = Math.min(MOST_HEAD, to - at);
      const field = fieldIn(this.#window.held(at, length) ?? (await this.#window.load(at, length)), {
        from: at,
        to,
      });
      const inner = kept[field.number];
      if (inner === 'whole') parts.push(await this.#copy(field));
      else if (inner !== undefined && field.body !== undefined)
        parts.push(wrapped(field.number, await this.keep(field.body, inner)));
      at = field.to;
    }
    return parts;
  }

  async #copy({ from, to }: Range): Promise<Buffer> {
    this.#kept += to - from;
    if (this.#kept > MOST_KEPT)
      throw new WireError(`its tensors are described in more than ${MOST_KEPT} bytes`);
    const bytes = this.#window.held(from, to - from) ?? (await this.#window.load(from, to - from));
    if (bytes.length < to - from) throw new WireError('the file has become shorter');
    return Buffer.from(bytes);
  }
}

function fieldIn(bytes: Buffer, { from, to }: Range): Field {
  const tag = varint(bytes, 0, from);
  const number = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  const sizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
  const size = sizes[wire];
  if (size !== undefined) return within({ number, from, body: undefined, to: from + tag.end + size }, to);
  if (wire !== 0 && wire !== 2) throw new WireError(`byte ${from} has the unknown wire type ${wire}`);
  const value = varint(bytes, tag.end, from);
  if (wire === 0) return within({ number, from, body: undefined, to: from + value.end }, to);
  const body = { from: from + value.end, to: from + value.end + value.value };
  return within({ number, from, body, to: body.to }, to);
}

function within(field: Field, to: number): Field {
  if (field.to <= to) return field;
  throw new WireError(`a field at byte ${field.from} is longer than what holds it`);
}

/** Its value is exact up to 2^53, which no file has bytes. */
function varint(
  bytes: Buffer,
  start: number,
  from: number,
): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 10); at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new WireError(`a number at byte ${from} does not end`);
}

function wrapped(number: number, parts: readonly Buffer[]): Buffer {
  const head: number[] = [number * 8 + 2];
  let rest = parts.reduce((sum, { length }) => sum + length, 0);
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) head.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), ...parts]);
}
