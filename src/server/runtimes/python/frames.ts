/**
 * What the server and a worker process say to each other through a socket, as worker/fairlead/frames.py has it: little-endian
 * binary, so that a tensor goes from memory to memory as it lies there.
 *
 * A frame is 32 bytes (kind, number of tensors, bytes of the head, and of an answer the microseconds of the run, of a question the
 * bytes of the text at the end of the head: u32 each; bytes of the body, and the
 * number of the question, which its answer repeats: u64 each), a head and a body. The head has for each tensor its datatype and rank (u8 each), 6 bytes of nothing, its bytes (u64) and each
 * size (u64), and then text: the `traceparent` of each who is traced, one a line. In the body each tensor begins at a multiple of 16. A frame of another kind than a run's has text as its body.
 */
import { rawBytes, readRaw } from '../../tensors/raw.ts';
import { datatypes, MOST_RANK, type Tensor } from '../../tensors/tensor.ts';

export const frameKinds = { load: 1, run: 2, loaded: 16, ran: 17, failed: 18 } as const;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

export interface Frame {
  readonly kind: number;
  /** The number of the question. */
  readonly sequence: number;
  /** What a run took. Microseconds. */
  readonly micros: number;
  readonly tensors: readonly Tensor[];
  /** Of a frame that is no run's. */
  readonly text: string;
}

const PRELUDE = 32;
const TENSOR = 16;
const SIZE = 8;
const ALIGNMENT = 16;

/** More tensors are no model's. */
const MOST_TENSORS = 1024;
const MOST_HEAD = MOST_TENSORS * (TENSOR + SIZE * MOST_RANK);

/** A frame of text. */
export function textFrame(kind: FrameKind, sequence: number, text: string): readonly Uint8Array[] {
  const body = Buffer.from(text);
  return [prelude({ kind, sequence, count: 0, head: 0, body: body.length }), body];
}

/** A frame of tensors: pieces to be written one after the other, which are views of their memory but for strings. */
export function runFrame(
  kind: FrameKind,
  sequence: number,
  tensors: readonly Tensor[],
  traces: readonly string[] = [],
): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let body = 0;
  const heads = tensors.map(tensor => {
    const bytes = rawBytes(tensor);
    const padding = -bytes.length & (ALIGNMENT - 1);
    if (bytes.length > 0) pieces.push(bytes);
    if (padding > 0) pieces.push(Buffer.alloc(padding));
    body += bytes.length + padding;
    return headOf(tensor, bytes.length);
  });
  const text = Buffer.from(traces.join('\n'));
  const head = Buffer.concat([...heads, text]);
  return [
    Buffer.concat([
      prelude({ kind, sequence, count: tensors.length, head: head.length, body, micros: text.length }),
      head,
    ]),
    ...pieces,
  ];
}

interface Lengths {
  readonly kind: number;
  readonly sequence: number;
  readonly count: number;
  readonly head: number;
  readonly body: number;
  readonly micros?: number;
}

function prelude({ kind, sequence, count, head, body, micros = 0 }: Lengths): Buffer {
  const bytes = Buffer.alloc(PRELUDE);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(count, 4);
  bytes.writeUInt32LE(head, 8);
  bytes.writeUInt32LE(micros, 12);
  bytes.writeBigUInt64LE(BigInt(body), 16);
  bytes.writeBigUInt64LE(BigInt(sequence), 24);
  return bytes;
}

function headOf({ datatype, shape }: Tensor, length: number): Buffer {
  const bytes = Buffer.alloc(TENSOR + SIZE * shape.length);
  bytes.writeUInt8(datatypes.indexOf(datatype), 0);
  bytes.writeUInt8(shape.length, 1);
  bytes.writeBigUInt64LE(BigInt(length), 8);
  for (const [axis, size] of shape.entries()) bytes.writeBigUInt64LE(BigInt(size), TENSOR + SIZE * axis);
  return bytes;
}

/**
 * Puts frames together from what arrives in pieces. Memory is made once its size is known, and the tensors are views of it.
 * Throws RangeError for what no worker says: then nothing that follows can be understood.
 */
export class FrameReader {
  readonly #mostBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  readonly #prelude = Buffer.alloc(PRELUDE);
  #told: Told | undefined;
  /** The prelude, or a head and the body behind it. */
  #filling = this.#prelude;
  #filled = 0;

  /** A frame has `mostBytes` at most. */
  constructor(mostBytes: number, onFrame: (frame: Frame) => void) {
    this.#mostBytes = mostBytes;
    this.#onFrame = onFrame;
  }

  push(piece: Buffer): void {
    for (let from = 0; ; ) {
      const taken = piece.copy(this.#filling, this.#filled, from);
      from += taken;
      this.#filled += taken;
      if (this.#filled < this.#filling.length) return;
      if (this.#told === undefined) this.#begin();
      else this.#end(this.#told);
    }
  }

  #begin(): void {
    const told = toldBy(this.#prelude, this.#mostBytes);
    this.#told = told;
    // The body begins where numbers of any kind may.
    const start = -told.head & (ALIGNMENT - 1);
    this.#filling = Buffer.allocUnsafeSlow(start + told.head + told.body);
    this.#filled = start;
  }

  #end(told: Told): void {
    const whole = this.#filling;
    this.#told = undefined;
    this.#filling = this.#prelude;
    this.#filled = 0;
    const body = whole.subarray(whole.length - told.body);
    const head = whole.subarray(whole.length - told.body - told.head, whole.length - told.body);
    const { kind, sequence, micros } = told;
    const isRun = kind === frameKinds.run || kind === frameKinds.ran;
    this.#onFrame({
      kind,
      sequence,
      micros,
      tensors: isRun ? tensorsOf(told.count, head, body) : [],
      text: isRun ? '' : body.toString(),
    });
  }
}

interface Told extends Lengths {
  readonly micros: number;
}

function toldBy(bytes: Buffer, mostBytes: number): Told {
  const told = {
    kind: bytes.readUInt32LE(0),
    count: bytes.readUInt32LE(4),
    head: bytes.readUInt32LE(8),
    micros: bytes.readUInt32LE(12),
    body: Number(bytes.readBigUInt64LE(16)),
    sequence: Number(bytes.readBigUInt64LE(24)),
  };
  if (told.count > MOST_TENSORS || told.head > MOST_HEAD)
    throw new RangeError(`a frame of ${told.count} tensors and a head of ${told.head} bytes`);
  if (told.body > mostBytes) throw new RangeError(`a frame of ${told.body} bytes, more than ${mostBytes}`);
  return told;
}

function tensorsOf(count: number, head: Buffer, body: Buffer): Tensor[] {
  let at = 0;
  let offset = 0;
  return Array.from({ length: count }, () => {
    const { datatype, shape, length } = tensorAt(head, at);
    at += TENSOR + SIZE * shape.length;
    const bytes = body.subarray(offset, offset + length);
    offset += length + (-length & (ALIGNMENT - 1));
    // What does not fit together is found there.
    return { datatype, shape, data: readRaw(bytes, { name: 'output', datatype, shape, at: [] }) };
  });
}

function tensorAt(
  head: Buffer,
  at: number,
): Pick<Tensor, 'datatype' | 'shape'> & { readonly length: number } {
  const datatype = datatypes[head.readUInt8(at)];
  const rank = head.readUInt8(at + 1);
  if (datatype === undefined || rank > MOST_RANK)
    throw new RangeError(`a tensor of datatype ${head.readUInt8(at)} and rank ${rank}`);
  const length = Number(head.readBigUInt64LE(at + 8));
  const shape = Array.from({ length: rank }, (_, axis) =>
    Number(head.readBigUInt64LE(at + TENSOR + SIZE * axis)),
  );
  return { datatype, shape, length };
}
