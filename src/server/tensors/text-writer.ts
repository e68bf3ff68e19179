import { failure } from '#base';
import { base64Text } from './base64.ts';
import type { ByteStrings } from './byte-strings.ts';
import { fromHalf } from './half.ts';
import { doubleText, floatText } from './number-text.ts';
import type { Datatype, Tensor, TensorData } from './tensor.ts';

type ElementWriter = (data: TensorData, index: number) => string;

const number: ElementWriter = (data, index) => String((data as Exclude<TensorData, ByteStrings>)[index]);

const writers: Readonly<Record<Datatype, ElementWriter>> = {
  BOOL: (data, index) => ((data as Uint8Array)[index] === 0 ? 'false' : 'true'),
  UINT8: number,
  UINT16: number,
  UINT32: number,
  UINT64: number,
  INT8: number,
  INT16: number,
  INT32: number,
  INT64: number,
  FP16: (data, index) => floatText(fromHalf((data as Uint16Array)[index] as number)),
  FP32: (data, index) => floatText((data as Float32Array)[index] as number),
  FP64: (data, index) => doubleText((data as Float64Array)[index] as number),
  BYTES: (data, index) => JSON.stringify(textOf(data as ByteStrings, index)),
};

const base64Writer: ElementWriter = (data, index) => base64Text((data as ByteStrings).at(index));

function writerOf(datatype: Datatype, strings: StringForm): ElementWriter {
  return datatype === 'BYTES' && strings === 'base64' ? base64Writer : writers[datatype];
}

function textOf(strings: ByteStrings, index: number): string {
  const text = strings.text(index);
  if (text !== undefined) return text;
  throw failure('output_not_text', { index });
}

/** The elements in one flat JSON array, as OIP/V2 answers them. */
export function flatText({ datatype, data }: Tensor): string {
  return listText(writers[datatype], data, 0, data.length);
}

/** How strings are written: as JSON's, or as TensorFlow Serving's `{"b64": "…"}`. */
export type StringForm = 'plain' | 'base64';

/** The elements as JSON arrays nested by shape; a scalar is a bare element. */
export function nestedText({ datatype, shape, data }: Tensor, strings: StringForm = 'plain'): string {
  return nest({ write: writerOf(datatype, strings), shape, data }, 0, 0);
}

/** One JSON text for each index of the first dimension. */
export function rowTexts({ datatype, shape, data }: Tensor, strings: StringForm = 'plain'): string[] {
  const [rows = 0] = shape;
  const stride = rows === 0 ? 0 : data.length / rows;
  const nesting = { write: writerOf(datatype, strings), shape, data };
  return Array.from({ length: rows }, (_, row) => nest(nesting, 1, row * stride));
}

interface Nest {
  readonly write: ElementWriter;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** The part of a tensor at a level, from an element on. */
function nest({ write, shape, data }: Nest, level: number, from: number): string {
  const size = shape[level];
  if (size === undefined) return write(data, from);
  if (level === shape.length - 1) return listText(write, data, from, from + size);
  let stride = 1;
  for (const inner of shape.slice(level + 1)) stride *= inner;
  if (size === 1) return `[${nest({ write, shape, data }, level + 1, from)}]`;
  const parts = Array.from({ length: size }, (_, index) =>
    nest({ write, shape, data }, level + 1, from + index * stride),
  );
  return `[${parts.join(',')}]`;
}

/** Elements that are joined at a time: a text of millions of them grown one by one would be a rope of as many nodes. */
const PIECE = 1024;

/** A list of so few is sooner grown than joined. */
const FEW = 32;

function listText(write: ElementWriter, data: TensorData, from: number, to: number): string {
  if (to - from <= FEW) return fewText(write, data, from, to);
  const pieces: string[] = [];
  for (let start = from; start < to; start += PIECE)
    pieces.push(pieceText(write, data, start, Math.min(to, start + PIECE)));
  return `[${pieces.join(',')}]`;
}

function fewText(write: ElementWriter, data: TensorData, from: number, to: number): string {
  if (from === to) return '[]';
  let text = `[${write(data, from)}`;
  for (let index = from + 1; index < to; index++) text += `,${write(data, index)}`;
  return `${text}]`;
}

function pieceText(write: ElementWriter, data: TensorData, from: number, to: number): string {
  const texts: string[] = [];
  for (let index = from; index < to; index++) texts.push(write(data, index));
  return texts.join(',');
}
