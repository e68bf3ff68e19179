/** What threads send each other: plain data, where memory that is no longer needed here moves over instead of being copied. */
import { type AppError, asAppError, type ErrorCode, failure } from '#base';
import type { ServedModel } from '../models/signature.ts';
import type { Answered, Content, Decoded, Reply } from '../protocols/port.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';
import type { Tensor } from '../tensors/tensor.ts';

export type Model = Pick<ServedModel, 'name' | 'version' | 'platform' | 'signature'>;

export type Question =
  | { readonly kind: 'decode'; readonly translator: string; readonly content: Content; readonly model: Model }
  | {
      readonly kind: 'answer';
      readonly translator: string;
      readonly form: unknown;
      readonly answered: Answered;
    };

export type Outcome =
  | { readonly kind: 'decoded'; readonly decoded: Decoded<unknown> }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly facts: object };

/** A message and the memory that moves with it. */
export interface Parcel<T> {
  readonly value: T;
  readonly transfer: readonly ArrayBuffer[];
}

/** A model without what belongs to one thread. */
export function plainModel({ name, version, platform, signature }: ServedModel): Model {
  return { name, version, platform, signature };
}

export function failed(thrown: unknown): Outcome {
  const { code, facts } = asAppError(thrown);
  return { kind: 'failed', code, facts };
}

export function errorOf({ code, facts }: Extract<Outcome, { kind: 'failed' }>): AppError {
  return failure(code, facts as never);
}

/** Bytes in memory of their own, which may move; the buffer itself where it has some. */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

/** Tensors whose memory nobody else looks at. A view is copied: sending it would send all that it is a view of. */
export function packed(tensors: readonly Tensor[]): Parcel<readonly Tensor[]> {
  const transfer = new Set<ArrayBuffer>();
  const value = tensors.map(tensor => ({ ...tensor, data: ownData(tensor.data, transfer) }));
  return { value, transfer: [...transfer] };
}

function ownData(data: Tensor['data'], transfer: Set<ArrayBuffer>): Tensor['data'] {
  if (data instanceof ByteStrings) return data;
  const isView = data.byteLength !== data.buffer.byteLength || !(data.buffer instanceof ArrayBuffer);
  const own = isView ? data.slice() : data;
  transfer.add(own.buffer as ArrayBuffer);
  return own;
}

/** Tensors as they were before they were sent: a class comes over as a plain object. */
export function unpacked(tensors: readonly Tensor[]): Tensor[] {
  return tensors.map(tensor => {
    const { data } = tensor;
    if (!('starts' in data)) return tensor;
    const { bytes, starts, ends } = data;
    return {
      ...tensor,
      data: new ByteStrings(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), starts, ends),
    };
  });
}
