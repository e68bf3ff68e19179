import { failure, type Place } from '#base';
import { elementReaders, endOfElement, isNumberByte, textOrBase64 } from './element.ts';
import type { TensorText } from './measure.ts';
import { endOfNumber } from './number-text.ts';
import { allocate, type Datatype, elementCount, type TensorData } from './tensor.ts';

/** What a tensor's text is to become. */
export interface Reading {
  readonly datatype: Datatype;
  /** Where the text stands in the body, for messages. */
  readonly at: Place;
  /** What the tensor is called in messages. */
  readonly name: string;
  /** Whether strings may be TensorFlow Serving's `{"b64": "…"}` too. */
  readonly base64?: boolean;
}

/** Reads measured text into memory of its own. */
export function readTensor(bytes: Buffer, text: TensorText, reading: Reading): TensorData {
  const data = allocate(reading.datatype, text.count);
  fillTensor({ bytes, text, reading, data, offset: 0 });
  return data;
}

interface Filling {
  readonly bytes: Buffer;
  readonly text: TensorText;
  readonly reading: Reading;
  readonly data: TensorData;
  /** The element of `data` that the text's first element becomes. */
  readonly offset: number;
}

/** Reads measured text into part of a tensor's memory. */
export function fillTensor(filling: Filling): void {
  const { bytes, text, reading, data, offset } = filling;
  const { values } = text;
  if (values !== undefined && (data instanceof Float32Array || data instanceof Float64Array))
    return data.set(values, offset);
  const read = acceptsBase64(reading) ? textOrBase64 : elementReaders[reading.datatype];
  let at = text.start;
  for (let index = 0; index < text.count; index++) {
    at = firstOfElement(bytes, at);
    if (!read(bytes, at, data, offset + index)) throw wrongElement(filling, at, index);
    at = isNumberByte(bytes[at] ?? 0) ? endOfNumber() : endOfElement(bytes, at);
  }
}

/** Skips brackets, commas and white space; the grammar has been checked. */
function firstOfElement(bytes: Buffer, at: number): number {
  let cursor = at;
  for (;;) {
    const byte = bytes[cursor] ?? 0;
    const between = byte <= 0x20 || byte === 0x2c || byte === 0x5b || byte === 0x5d;
    if (!between) return cursor;
    cursor++;
  }
}

function acceptsBase64({ datatype, base64 = false }: Reading): boolean {
  return base64 && datatype === 'BYTES';
}

const wanted: Readonly<Partial<Record<Datatype, string>>> = {
  BOOL: 'true or false',
  BYTES: 'a string of valid Unicode',
  FP16: 'a number that fits FP16',
  FP32: 'a number that fits FP32',
  FP64: 'a number that fits FP64',
};

const textOrBase64Wanted = 'a string of valid Unicode, or {"b64": "…"} with padded base64';

function wrongElement({ bytes, text: measured, reading, offset }: Filling, at: number, index: number): Error {
  const { datatype, name, at: place } = reading;
  const end = endOfElement(bytes, at);
  const quoted = bytes.toString('utf8', at, Math.min(end, at + 40));
  const wants = acceptsBase64(reading)
    ? textOrBase64Wanted
    : (wanted[datatype] ?? `an integer that fits ${datatype}`);
  const nested = measured.ragged === undefined && elementCount(measured.shape) === measured.count;
  const indices = nested ? unravel(index, measured.shape) : [offset + index];
  return failure('input_invalid', {
    problem: `input '${name}' wants ${wants}; element [${indices.join(',')}] is ${quoted}`,
    at: [...place, ...indices],
    kind: 'type_error',
  });
}

/** The indices of the element at a row-major offset. */
function unravel(offset: number, shape: readonly number[]): number[] {
  let rest = offset;
  const indices = shape.toReversed().map(size => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return index;
  });
  return indices.toReversed();
}
