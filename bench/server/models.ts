/** The models that every server serves: their files, their tensors and the row that a load asks for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { places } from './places.ts';

export interface Model {
  /** As every server knows it. */
  readonly name: string;
  readonly path: string;
  readonly input: { readonly name: string; readonly datatype: 'FP32' | 'INT64' };
  /** The shape of one row. */
  readonly row: readonly number[];
  readonly output: string;
  /** Values that one row is answered with. */
  readonly answers: number;
  /** A row takes tens of milliseconds, not microseconds. */
  readonly heavy: boolean;
}

export const digits: Model = {
  name: 'digits',
  path: places.model,
  input: { name: 'pixels', datatype: 'FP32' },
  row: [64],
  output: 'probabilities',
  answers: 10,
  heavy: false,
};

/** ResNet-18's layers: about 25 ms a row. */
export const cnn: Model = {
  name: 'cnn',
  path: join(places.served, 'cnn/model.onnx'),
  input: { name: 'image', datatype: 'FP32' },
  row: [3, 184, 184],
  output: 'scores',
  answers: 10,
  heavy: true,
};

/** Twelve layers of width 384 on 128 tokens: about 80 ms a row. */
export const bert: Model = {
  name: 'bert',
  path: join(places.served, 'bert/model.onnx'),
  input: { name: 'input_ids', datatype: 'INT64' },
  row: [128],
  output: 'scores',
  answers: 10,
  heavy: true,
};

const WORDS = 30_522;
const request = z.object({ inputs: z.tuple([z.array(z.number()).length(64)]) });

/** The row that every request of a load sends: the example's own for the digits, an invented one for the others. */
export function loadedRow(model: Model): readonly number[] {
  if (!model.heavy) return request.parse(JSON.parse(readFileSync(places.request, 'utf8'))).inputs[0];
  const size = model.row.reduce((product, each) => product * each, 1);
  const mixed = Array.from({ length: size }, (_, index) => (index * 7919 + 13) % WORDS);
  return model.input.datatype === 'INT64' ? mixed : mixed.map(value => Math.fround((value % 256) / 256));
}
