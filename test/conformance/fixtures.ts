/** The models the cases are asked of, in the layout of a model repository: NAME/VERSION/model.onnx. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  elementTypes,
  type ModelInfo,
  onnxModel,
  type ValueInfo,
} from '../../src/server/fixtures/onnx-file.ts';

export interface Fixture {
  /** As it is served. */
  readonly name: string;
  readonly versions: readonly string[];
  readonly bytes: Buffer;
  /** Of Triton's config.pbtxt, what its model does not say. */
  readonly config: string;
  readonly labels?: readonly string[];
}

type Shape = ValueInfo['shape'];
type Datatype = keyof typeof elementTypes;

/** By the short names of the table; what it does not name stands at the end. */
export const fixtures = {
  /** INPUT0 + INPUT1 and INPUT0 - INPUT1, at most 8 rows. */
  S: fixture('simple', simple(), 'max_batch_size: 8'),
  F: fixture('onnx_zero_1_float32', identity('FP32', ['N', 'M'])),
  B: fixture('onnx_zero_1_object', identity('BYTES', ['N', 'M'])),
  H: fixture('onnx_zero_1_float16', identity('FP16', ['N', 'M'])),
  I64: fixture('onnx_zero_1_int64', identity('INT64', ['N'])),
  U64: fixture('onnx_zero_1_uint64', identity('UINT64', ['N'])),
  U8: fixture('onnx_zero_1_uint8', identity('UINT8', ['N'])),
  I8: fixture('onnx_zero_1_int8', identity('INT8', ['N'])),
  BOOL: fixture('onnx_zero_1_bool', identity('BOOL', ['N'])),
  FP64: fixture('onnx_zero_1_float64', identity('FP64', ['N'])),
  X3: fixture('onnx_zero_3_float32', identities('FP32', ['N', 'M'], 3)),
  /** x / 2 + 2, x declared without a shape, which not every server takes. */
  P: {
    ...fixture('half_plus_two', halfPlusTwo(undefined), 'version_policy: { all {} }'),
    versions: ['123', '124'],
  },
  scalar: fixture('scalar', identity('FP32', [])),
  matrix: fixture('matrix', identity('FP32', ['N', 'M', 'K'])),
  labelled: {
    ...fixture(
      'labelled',
      identity('FP32', ['N', 4]),
      'max_batch_size: 8\noutput [{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [4] label_filename: "labels.txt" }]',
    ),
    labels: ['ant', 'bee', 'cat', 'dog'],
  },
  /** Of four numbers the one at INPUT0; any other index fails the run. */
  lookup: fixture('lookup', lookup()),
  /** Takes longer the larger the matrix it is told to multiply with itself. */
  slow: fixture('slow', slow()),
} as const satisfies Readonly<Record<string, Fixture>>;

export type FixtureName = keyof typeof fixtures;

/** What a server takes that wants a rank: the case's vectors, and nothing else. */
export const rankedHalfPlusTwo = halfPlusTwo(['N']);

/** Element types that no inference protocol has a name for, and one value that is no tensor. */
export const unservable: Readonly<Record<string, Buffer>> = {
  int4: untyped(22),
  uint4: untyped(21),
  bfloat16: untyped(16),
  float8: untyped(17),
  sequence: onnxModel({
    inputs: [value('INPUT0', 1, ['N'])],
    outputs: [{ ...value('OUTPUT0', 1, ['N']), sequence: true }],
    nodes: [{ op: 'SequenceConstruct', inputs: ['INPUT0'], outputs: ['OUTPUT0'] }],
  }),
};

/** Writes models below a folder. */
export function writeFixtures(folder: string, list: readonly Fixture[]): void {
  for (const { name, versions, bytes, config, labels } of list) {
    for (const version of versions) writeVersion(join(folder, name, version), bytes, labels);
    writeFileSync(join(folder, name, 'config.pbtxt'), `backend: "onnxruntime"\n${config}\n`);
    // Triton looks for labels beside the configuration, others beside the model.
    if (labels !== undefined) writeFileSync(join(folder, name, 'labels.txt'), `${labels.join('\n')}\n`);
  }
}

function writeVersion(folder: string, bytes: Buffer, labels: readonly string[] | undefined): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), bytes);
  if (labels !== undefined) writeFileSync(join(folder, 'labels.txt'), `${labels.join('\n')}\n`);
}

function fixture(name: string, bytes: Buffer, config = ''): Fixture {
  return { name, versions: ['1'], bytes, config };
}

function value(name: string, type: number, shape: Shape): ValueInfo {
  return { name, type, shape };
}

function identity(datatype: Datatype, shape: Shape): Buffer {
  return identities(datatype, shape, 1);
}

function identities(datatype: Datatype, shape: Shape, count: number): Buffer {
  const indices = Array.from({ length: count }, (_, index) => index);
  const named = (prefix: string): ValueInfo[] =>
    indices.map(index => value(`${prefix}${index}`, elementTypes[datatype], shape));
  const nodes = indices.map(index => ({
    op: 'Identity',
    inputs: [`INPUT${index}`],
    outputs: [`OUTPUT${index}`],
  }));
  return onnxModel({ inputs: named('INPUT'), outputs: named('OUTPUT'), nodes });
}

function untyped(type: number): Buffer {
  return onnxModel({
    inputs: [value('INPUT0', type, ['N'])],
    outputs: [value('OUTPUT0', type, ['N'])],
    nodes: [{ op: 'Identity', inputs: ['INPUT0'], outputs: ['OUTPUT0'] }],
  });
}

function simple(): Buffer {
  const inputs = ['INPUT0', 'INPUT1'];
  const integers = (names: readonly string[]): ValueInfo[] =>
    names.map(name => value(name, elementTypes.INT32, ['N', 16]));
  return onnxModel({
    inputs: integers(inputs),
    outputs: integers(['OUTPUT0', 'OUTPUT1']),
    nodes: [
      { op: 'Add', inputs, outputs: ['OUTPUT0'] },
      { op: 'Sub', inputs, outputs: ['OUTPUT1'] },
    ],
  });
}

function halfPlusTwo(shape: Shape): Buffer {
  return onnxModel({
    inputs: [value('x', elementTypes.FP32, shape)],
    outputs: [value('y', elementTypes.FP32, shape)],
    nodes: [
      { op: 'Mul', inputs: ['x', 'half'], outputs: ['halved'] },
      { op: 'Add', inputs: ['halved', 'two'], outputs: ['y'] },
    ],
    weights: { half: [0.5], two: [2] },
  });
}

function lookup(): Buffer {
  return onnxModel({
    inputs: [value('INPUT0', elementTypes.INT64, ['N'])],
    outputs: [value('OUTPUT0', elementTypes.FP32, ['N'])],
    nodes: [{ op: 'Gather', inputs: ['table', 'INPUT0'], outputs: ['OUTPUT0'] }],
    weights: { table: [10, 20, 30, 40] },
  });
}

function slow(): Buffer {
  const squares: ModelInfo['nodes'] = [0, 1, 2, 3].map(step => ({
    op: 'MatMul',
    inputs: [`square${step}`, `square${step}`],
    outputs: [`square${step + 1}`],
  }));
  return onnxModel({
    inputs: [value('INPUT0', elementTypes.INT64, [2])],
    outputs: [value('OUTPUT0', elementTypes.FP32, [])],
    nodes: [
      { op: 'ConstantOfShape', inputs: ['INPUT0'], outputs: ['square0'] },
      ...squares,
      { op: 'ReduceSum', inputs: ['square4'], outputs: ['OUTPUT0'], attributes: { keepdims: 0 } },
    ],
  });
}
