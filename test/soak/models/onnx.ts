/** The model files that the soak makes itself. */
import {
  elementTypes,
  identityModel,
  message,
  modelOf,
  onnxModel,
  text,
  varintField,
} from '../../../src/server/fixtures/onnx-file.ts';
import { chainStep, LAYERS, LOOKUP_TABLE, WIDTH } from './arithmetic.ts';

/** Answers with the strings it is given. */
export function texts(): Buffer {
  return identityModel(elementTypes.BYTES, ['N']);
}

/** Answers with what it is given: for those who send anything. */
export function echo(type: keyof typeof elementTypes): Buffer {
  return identityModel(elementTypes[type], ['N', 3]);
}

/** Of a table the number at each index. Any other index fails the run. */
export function lookup(): Buffer {
  return onnxModel({
    inputs: [{ name: 'x', type: elementTypes.INT64, shape: ['N'] }],
    outputs: [{ name: 'y', type: elementTypes.FP32, shape: ['N'] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'x'], outputs: ['y'] }],
    weights: { table: LOOKUP_TABLE },
  });
}

/** x times a factor. */
export function scale(factor: number): Buffer {
  return onnxModel({
    inputs: [{ name: 'x', type: elementTypes.FP32, shape: ['N', 3] }],
    outputs: [{ name: 'y', type: elementTypes.FP32, shape: ['N', 3] }],
    nodes: [{ op: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] }],
    weights: { factor: [factor] },
  });
}

/** One matrix after the other; each only moves the numbers of a row, so that the answer is exact and takes long. */
export function chain(): Buffer {
  const nodes = Array.from({ length: LAYERS }, (_, layer) =>
    node('MatMul', [layer === 0 ? 'x' : `h${layer}`, 'step'], layer === LAYERS - 1 ? 'y' : `h${layer + 1}`),
  );
  return modelOf([...nodes, text(2, 'chain'), message(5, stepMatrix()), vector(11, 'x'), vector(12, 'y')]);
}

function node(op: string, inputs: readonly string[], output: string): Buffer {
  return message(1, Buffer.concat([...inputs.map(name => text(1, name)), text(2, output), text(4, op)]));
}

/** A TensorProto with a one in each row and column. */
function stepMatrix(): Buffer {
  const matrix = new Float32Array(WIDTH * WIDTH);
  for (let from = 0; from < WIDTH; from++) matrix[from * WIDTH + chainStep(from)] = 1;
  const sizes = [varintField(1, WIDTH), varintField(1, WIDTH)];
  return Buffer.concat([
    ...sizes,
    varintField(2, 1),
    text(8, 'step'),
    message(9, Buffer.from(matrix.buffer)),
  ]);
}

/** A ValueInfoProto of rows of `WIDTH` floats. */
function vector(field: number, name: string): Buffer {
  const shape = Buffer.concat([message(1, text(2, 'N')), message(1, varintField(1, WIDTH))]);
  const tensor = message(1, Buffer.concat([varintField(1, elementTypes.FP32), message(2, shape)]));
  return message(field, Buffer.concat([text(1, name), message(2, tensor)]));
}
