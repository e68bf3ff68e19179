/** Models as borders are fuzzed with: every datatype, and every shape of signature. They answer with what they are given. */
import type { InferRequest, ServedModel, Signature } from '../../src/server/models/signature.ts';
import { ByteStrings } from '../../src/server/tensors/byte-strings.ts';
import { datatypes, type Tensor, type TensorSpec } from '../../src/server/tensors/tensor.ts';

export interface FuzzModel extends ServedModel {
  /** What it says to a request. */
  readonly run: (request: InferRequest) => readonly Tensor[];
}

const echo: FuzzModel['run'] = ({ inputs }) => inputs;

function model(
  name: string,
  signature: Omit<Signature, 'outputs'> & Partial<Signature>,
  run = echo,
): FuzzModel {
  const { inputs, batched } = signature;
  const outputs = signature.outputs ?? inputs.map(spec => ({ ...spec, name: `${spec.name}_bytes` }));
  return { name, version: '1', platform: 'fuzz', signature: { inputs, outputs, batched }, run };
}

/** Of each datatype a matrix whose rows are three wide. */
const matrices = datatypes.map(datatype =>
  model(datatype.toLowerCase(), {
    inputs: [{ name: 'x', datatype, shape: [-1, 3] }],
    outputs: [{ name: 'y', datatype, shape: [-1, 3] }],
    batched: true,
  }),
);

const pairInputs: readonly TensorSpec[] = [
  { name: 'a', datatype: 'FP32', shape: [-1, -1], sizeNames: ['n', 'k'] },
  { name: 'ü"', datatype: 'INT64', shape: [-1], sizeNames: ['n'] },
  { name: 'constructor', datatype: 'BYTES', shape: [-1, 2], sizeNames: ['n', ''] },
];

/** As many scores and names as there are rows. */
const classify: FuzzModel['run'] = ({ rows }) => {
  const scores = Float32Array.from({ length: rows * 3 }, (_, index) => (index % 5) / 4 - 0.5);
  const classes = ByteStrings.of(
    Array.from(scores, (_, index) => (index % 4 === 3 ? Buffer.from([0xff]) : `c${index}`)),
  );
  return [
    { datatype: 'FP32', shape: [rows, 3], data: scores },
    { datatype: 'BYTES', shape: [rows, 3], data: classes },
  ];
};

export const models: readonly FuzzModel[] = [
  ...matrices,
  model('any', { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1], unknownRank: true }], batched: false }),
  model('texts', {
    inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1], unknownRank: true }],
    batched: false,
  }),
  model('scalar', { inputs: [{ name: 'x', datatype: 'FP64', shape: [] }], batched: false }),
  model('fixed', { inputs: [{ name: 'x', datatype: 'INT32', shape: [2, 0, 3] }], batched: false }),
  model('free', { inputs: [{ name: 'x', datatype: 'UINT8', shape: [-1, -1, -1] }], batched: false }),
  model('none', { inputs: [], outputs: [{ name: 'y', datatype: 'FP32', shape: [] }], batched: false }, () => [
    { datatype: 'FP32', shape: [], data: Float32Array.of(1) },
  ]),
  model('pair', { inputs: pairInputs, batched: true }),
  model('proto', { inputs: [{ name: '__proto__', datatype: 'BOOL', shape: [-1, 2] }], batched: true }),
  model(
    'classes',
    {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
      outputs: [
        { name: 'scores', datatype: 'FP32', shape: [-1, 3], labels: ['r', 'g"', 'b'] },
        { name: 'classes', datatype: 'BYTES', shape: [-1, 3] },
      ],
      batched: true,
    },
    classify,
  ),
  model('column', {
    inputs: [{ name: 'x', datatype: 'FP64', shape: [-1] }],
    outputs: [{ name: 'outputs', datatype: 'FP64', shape: [-1] }],
    batched: true,
  }),
];

export function modelNamed(name: string | undefined): FuzzModel {
  const found = models.find(one => one.name === name);
  if (found === undefined) throw new Error(`there is no model '${name}' to fuzz with`);
  return found;
}

/** Bytes that tensors take in memory. */
export function bytesOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { data }) => {
    if (!(data instanceof ByteStrings)) return sum + data.byteLength;
    return sum + data.starts.byteLength + data.ends.byteLength + data.bytes.length;
  }, 0);
}
