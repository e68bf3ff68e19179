import { failure } from '#base';
import { ByteStrings } from '../tensors/byte-strings.ts';
import { allocate, type Tensor, type TensorData } from '../tensors/tensor.ts';

/** What requests must agree on to share a run: each input's sizes beyond the first dimension. */
export function batchKey(inputs: readonly Pick<Tensor, 'shape'>[]): string {
  let key = '';
  for (const { shape } of inputs) {
    for (let axis = 1; axis < shape.length; axis++) key += `${shape[axis]},`;
    key += ';';
  }
  return key;
}

/** Joins the inputs of several requests along the first dimension. */
export function joinInputs(requests: readonly (readonly Tensor[])[]): readonly Tensor[] {
  const [first] = requests;
  if (first === undefined || requests.length === 1) return first ?? [];
  return first.map((_, input) => join(requests.map(tensors => tensorAt(tensors, input))));
}

/** Splits outputs by rows, one list of tensors for each count in `rows`. Views, not copies. */
export function splitOutputs(outputs: readonly Tensor[], rows: readonly number[]): Tensor[][] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const odd = outputs.find(({ shape }) => shape[0] !== total);
  if (odd !== undefined) {
    throw failure('inference_failed', {
      problem: `an output has ${odd.shape[0] ?? 'no'} rows where ${total} went in`,
    });
  }
  let from = 0;
  return rows.map(count => {
    const part = outputs.map(output => rowsOf(output, from, from + count));
    from += count;
    return part;
  });
}

function join(parts: readonly Tensor[]): Tensor {
  const { datatype, shape } = tensorAt(parts, 0);
  const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
  const data = allocate(
    datatype,
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    copy(part.data, data, offset);
    offset += part.data.length;
  }
  return { datatype, shape: [rows, ...shape.slice(1)], data };
}

function copy(from: TensorData, to: TensorData, offset: number): void {
  if (from instanceof ByteStrings) (to as ByteStrings).setAll(from, offset);
  else (to as Uint8Array).set(from as Uint8Array, offset);
}

function rowsOf({ datatype, shape, data }: Tensor, from: number, to: number): Tensor {
  const [total = 0, ...inner] = shape;
  const stride = total === 0 ? 0 : data.length / total;
  return { datatype, shape: [to - from, ...inner], data: data.subarray(from * stride, to * stride) };
}

function tensorAt(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined)
    throw failure('internal', { problem: 'requests of one model differ in their inputs' });
  return tensor;
}
