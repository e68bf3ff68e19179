/** Networks as ONNX files, layer after layer. Layers of a kind share their weights, so that the files are small. */
import { elementTypes, message, modelOf, text, varintField } from '../../../src/server/fixtures/onnx-file.ts';

const WIDTH = 64;
const CLASSES = 10;
const INT64 = 7;

/**
 * A chain of matrix products as in a wide MLP or a recommender. A run of one row mostly reads weights, so that a batch costs
 * much less than its rows one by one.
 */
export function denseModel(width: number, layers: number): Buffer {
  const weights = [
    weight('in', [WIDTH, width], WIDTH),
    weight('w', [width, width], width),
    weight('out', [width, CLASSES], width),
  ];
  const names = ['in', ...Array.from({ length: layers }, () => 'w')];
  const nodes = names.flatMap((name, layer) => [
    node('MatMul', [layer === 0 ? 'x' : `v${layer}`, name], `p${layer}`),
    node('Relu', [`p${layer}`], `v${layer + 1}`),
  ]);
  return graph([...nodes, node('MatMul', [`v${names.length}`, 'out'], 'y')], weights);
}

/** A chain of convolutions of an image of 8 by 8: every row of a batch costs as much as the first. */
export function convolutionModel(channels: number, layers: number): Buffer {
  const weights = [
    integers('shape', [-1, 1, 8, 8]),
    weight('in', [channels, 1, 3, 3], 9),
    weight('w', [channels, channels, 3, 3], channels * 9),
    weight('out', [CLASSES, channels, 1, 1], channels),
  ];
  const names = ['in', ...Array.from({ length: layers }, () => 'w')];
  const nodes = names.flatMap((name, layer) => [
    node('Conv', [`v${layer}`, name], `p${layer}`, integerList('pads', [1, 1, 1, 1])),
    node('Relu', [`p${layer}`], `v${layer + 1}`),
  ]);
  return graph(
    [
      node('Reshape', ['x', 'shape'], 'v0'),
      ...nodes,
      node('Conv', [`v${names.length}`, 'out'], 'planes'),
      node('GlobalAveragePool', ['planes'], 'means'),
      node('Flatten', ['means'], 'y'),
    ],
    weights,
  );
}

function graph(nodes: readonly Buffer[], weights: readonly Buffer[]): Buffer {
  return modelOf([
    ...nodes.map(bytes => message(1, bytes)),
    text(2, 'overload'),
    ...weights.map(bytes => message(5, bytes)),
    message(11, value('x', WIDTH)),
    message(12, value('y', CLASSES)),
  ]);
}

/** NodeProto. */
function node(op: string, inputs: readonly string[], output: string, ...attributes: Buffer[]): Buffer {
  const names = [...inputs.map(name => text(1, name)), text(2, output), text(4, op)];
  return Buffer.concat([...names, ...attributes.map(bytes => message(5, bytes))]);
}

/** AttributeProto of type INTS. */
function integerList(name: string, values: readonly number[]): Buffer {
  return Buffer.concat([text(1, name), ...values.map(one => varintField(8, one)), varintField(20, 7)]);
}

/** ValueInfoProto of floats, the number of rows free. */
function value(name: string, width: number): Buffer {
  const sizes = [text(2, 'rows'), varintField(1, width)].map(bytes => message(1, bytes));
  const type = [varintField(1, elementTypes.FP32), message(2, Buffer.concat(sizes))];
  return Buffer.concat([text(1, name), message(2, message(1, Buffer.concat(type)))]);
}

/** TensorProto of floats that keep the size of what passes through `inputs` of them and a Relu. */
function weight(name: string, shape: readonly number[], inputs: number): Buffer {
  const count = shape.reduce((product, size) => product * size, 1);
  const scale = Math.sqrt(6 / inputs);
  // A quadratic sequence looks random enough for weights, and is the same each time.
  const values = Float32Array.from(
    { length: count },
    (_, index) => scale * (2 * ((index * index * 0.618034) % 1) - 1),
  );
  return tensor(name, shape, elementTypes.FP32, Buffer.from(values.buffer));
}

function integers(name: string, values: readonly number[]): Buffer {
  const bytes = Buffer.from(BigInt64Array.from(values, BigInt).buffer);
  return tensor(name, [values.length], INT64, bytes);
}

function tensor(name: string, shape: readonly number[], type: number, raw: Buffer): Buffer {
  const dimensions = shape.map(size => varintField(1, size));
  return Buffer.concat([...dimensions, varintField(2, type), text(8, name), message(9, raw)]);
}
