/**
 * Tensors on their way to another thread. Memory that belongs to them alone moves there, which takes no longer for 64 MiB
 * than for one byte; a small part of something larger is copied out of it, as sending a view would send all that it is a
 * view of.
 */
import { isMarkedAsUntransferable, type Transferable } from 'node:worker_threads';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor, TensorData } from '../../tensors/tensor.ts';

/** Tensors in a form that may be sent, and the memory that moves with them. */
export interface Parcel {
  readonly tensors: readonly Tensor[];
  readonly transfer: readonly Transferable[];
}

/**
 * A socket's reads are at most 64 KiB, and may hold the requests of several clients side by side. Memory larger than this
 * was made for one message. Bytes.
 */
const SURELY_OWN = 256 * 1024;

/** Of memory that moves, the tensors take at least this part. */
const MOST_OF_IT = 0.5;

/** Packs tensors that nobody needs here any more: what moves is empty here from the moment it is sent. */
export function packed(tensors: readonly Tensor[]): Parcel {
  const whole = wholes(tensors.flatMap(({ data }) => usedOf(data)));
  const sent = tensors.map(({ datatype, shape, data }) => ({
    datatype,
    shape,
    data: packedData(data, whole),
  }));
  return { tensors: sent, transfer: [...memoryOf(sent)] as ArrayBuffer[] };
}

/** All that tensors lie in, each once: several may share one memory. */
export function memoryOf(tensors: readonly Tensor[]): ReadonlySet<ArrayBufferLike> {
  return new Set(tensors.flatMap(({ data }) => viewsOf(data)).map(({ buffer }) => buffer));
}

/** Tensors as they were before they were sent: a class comes over as a plain object. */
export function unpacked(tensors: readonly Tensor[]): readonly Tensor[] {
  return tensors.map(tensor => ({ ...tensor, data: unpackedData(tensor.data) }));
}

type View = Exclude<TensorData, ByteStrings>;

function viewsOf(data: TensorData): readonly View[] {
  return 'starts' in data ? [data.bytes, data.starts, data.ends] : [data];
}

/** The parts of memory that hold elements. */
function usedOf(data: TensorData): readonly View[] {
  if (!(data instanceof ByteStrings)) return [data];
  const { from, to } = extent(data);
  return [data.bytes.subarray(from, to), data.starts, data.ends];
}

/** The memory that may move. */
function wholes(views: readonly View[]): ReadonlySet<ArrayBufferLike> {
  const used = new Map<ArrayBufferLike, number>();
  for (const { buffer, byteLength } of views) used.set(buffer, (used.get(buffer) ?? 0) + byteLength);
  return new Set([...used].filter(([buffer, bytes]) => isOwn(buffer, bytes)).map(([buffer]) => buffer));
}

function isOwn(buffer: ArrayBufferLike, used: number): boolean {
  if (!(buffer instanceof ArrayBuffer) || isMarkedAsUntransferable(buffer)) return false;
  if (used === buffer.byteLength) return true;
  return buffer.byteLength >= SURELY_OWN && used >= MOST_OF_IT * buffer.byteLength;
}

function packedData(data: TensorData, whole: ReadonlySet<ArrayBufferLike>): TensorData {
  return data instanceof ByteStrings ? packedStrings(data, whole) : ownView(data, whole);
}

function ownView<T extends View>(view: T, whole: ReadonlySet<ArrayBufferLike>): T {
  if (whole.has(view.buffer)) return view;
  // A Buffer's slice is a view.
  return (view instanceof Uint8Array ? new Uint8Array(view) : view.slice()) as T;
}

/** Of bytes that are part of something larger, what lies between the first and the last that are in use. */
function packedStrings(strings: ByteStrings, whole: ReadonlySet<ArrayBufferLike>): ByteStrings {
  const { bytes } = strings;
  const starts = ownView(strings.starts, whole);
  const ends = ownView(strings.ends, whole);
  if (whole.has(bytes.buffer)) return new ByteStrings(bytes, starts, ends);
  const { from, to } = extent(strings);
  const own = Buffer.allocUnsafeSlow(to - from);
  bytes.copy(own, 0, from, to);
  return new ByteStrings(own, starts.map(shifted(from)), ends.map(shifted(from)));
}

function shifted(by: number): (position: number) => number {
  return position => Math.max(0, position - by);
}

/** Where elements that are not empty begin and end; what is empty may stand anywhere. */
function extent({ starts, ends }: ByteStrings): { from: number; to: number } {
  let from = Infinity;
  let to = 0;
  for (const [index, start] of starts.entries()) {
    const end = ends[index] ?? start;
    if (start === end) continue;
    from = Math.min(from, start);
    to = Math.max(to, end);
  }
  return { from: Math.min(from, to), to };
}

function unpackedData(data: TensorData): TensorData {
  if (!('starts' in data)) return data;
  const { bytes, starts, ends } = data;
  return new ByteStrings(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), starts, ends);
}
