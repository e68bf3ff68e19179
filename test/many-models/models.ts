/** Many small models that cannot be mistaken for one another: each looks up its own numbers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementTypes, onnxModel } from '../../src/server/fixtures/onnx-file.ts';

/** Numbers that tell a model's weights apart; with it, those of a thousand models are exact in FP32. */
const APART = 16_384;

const FLOAT_BYTES = 4;

export interface Written {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

export function modelName(model: number): string {
  return `m${model}`;
}

/** What a model answers to a position. */
export function weightAt(model: number, position: number): number {
  return model * APART + (position % APART);
}

/** The model whose answer this is. */
export function numberOf(weight: number): number {
  return Math.floor(weight / APART);
}

/** Positions that a model of so many bytes has. */
export function positionsOf(bytes: number): number {
  return Math.floor(bytes / FLOAT_BYTES);
}

/** Writes so many models of about so many bytes each. */
export function writeModels(folder: string, count: number, bytes: number): readonly Written[] {
  return Array.from({ length: count }, (_, model) => {
    const name = modelName(model);
    const path = join(folder, name, '1', 'model.onnx');
    mkdirSync(join(folder, name, '1'), { recursive: true });
    writeFileSync(path, modelBytes(model, bytes));
    return { name, version: '1', path };
  });
}

/** A model of about so many bytes. */
export function modelBytes(model: number, bytes: number): Buffer {
  return onnxModel({
    inputs: [{ name: 'x', type: elementTypes.INT64, shape: ['N'] }],
    outputs: [{ name: 'y', type: elementTypes.FP32, shape: ['N'] }],
    nodes: [{ op: 'Gather', inputs: ['w', 'x'], outputs: ['y'] }],
    weights: { w: Array.from({ length: positionsOf(bytes) }, (_, position) => weightAt(model, position)) },
  });
}
