/**
 * The models under overload, made here: a row of 64 numbers in, ten out, so that a request is small, one core can offer far
 * more than a server can do, and what is measured is the queue.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digits, type Model } from '../models.ts';
import { places } from '../places.ts';
import { convolutionModel, denseModel } from './networks.ts';

export interface OverloadModel extends Model {
  readonly about: string;
  /** The largest batch that leaves most of a tenth of a second to wait in, for a server that must be told. */
  readonly shortBatch: number;
}

const folder = join(places.peers, 'overload');
const made = {
  input: { name: 'x', datatype: 'FP32' },
  row: [64],
  output: 'y',
  answers: 10,
} as const;

/** About 2.5 ms a row on one core of 2026, about 1,000 rows a second in batches. */
const dense: OverloadModel = {
  ...made,
  name: 'dense',
  path: join(folder, 'dense/model.onnx'),
  heavy: false,
  about: '50 matrix products of width 1024; eight rows at once cost as much as three one by one',
  shortBatch: 16,
};

/** About 25 ms a row. */
const convolution: OverloadModel = {
  ...made,
  name: 'convolution',
  path: join(folder, 'convolution/model.onnx'),
  heavy: true,
  about: '40 convolutions of 256 channels, 8 by 8; batching saves nothing',
  shortBatch: 1,
};

const light: OverloadModel = {
  ...digits,
  about: 'the digits MLP, microseconds a row: one core cannot offer three times what one can do',
  shortBatch: 32,
};

export const models: readonly OverloadModel[] = [dense, convolution, light];

/** Writes the file of a model that is made here, unless it is there. */
export function ensureFile({ name, path }: OverloadModel): void {
  const makers: Readonly<Record<string, () => Buffer>> = {
    dense: () => denseModel(1024, 48),
    convolution: () => convolutionModel(256, 38),
  };
  const make = makers[name];
  if (make === undefined || existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, make());
}
