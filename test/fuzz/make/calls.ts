/** Messages of gRPC calls, most of which a model can answer. */
import type { ServedModel } from '../../../src/server/models/signature.ts';
import { encode } from '../../../src/server/protobuf/codec.ts';
import { ModelInferRequest } from '../../../src/server/protobuf/oip-infer.ts';
import type { Encodable } from '../../../src/server/protobuf/schema.ts';
import type { Method } from '../../../src/server/protobuf/service.ts';
import { PredictionService } from '../../../src/server/protobuf/tensorflow-serving.ts';
import { dtypeNumber } from '../../../src/server/protocols/tfserving/dtypes.ts';
import type { Datatype, TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';
import { exampleInput } from './examples.ts';
import { rawTensor } from './raw.ts';
import { countOf, MOST_WRITTEN, shapeFor } from './shapes.ts';
import { messageOf } from './wire.ts';

/** One message of a method. */
export function messageFor(path: string, { request }: Method, model: ServedModel, random: Random): Buffer {
  const isPlain = random.chance(0.9);
  if (isPlain && request === ModelInferRequest) return encode(ModelInferRequest, inferMessage(model, random));
  if (isPlain && path.endsWith('/Predict')) return encode(Predict.request, predictMessage(model, random));
  if (isPlain && request === Classify.request)
    return encode(Classify.request, {
      model_spec: modelSpec(model.name, random),
      input: exampleInput(model, random),
    });
  if (isPlain && request === Regress.request)
    return encode(Regress.request, {
      model_spec: modelSpec(model.name, random),
      input: exampleInput(model, random),
    });
  return messageOf(request, random);
}

const { Predict, Classify, Regress } = PredictionService.methods;

type InferMessage = Encodable<typeof ModelInferRequest>;
type InferInput = NonNullable<InferMessage['inputs']>[number];

function inferMessage({ name, signature }: ServedModel, random: Random): InferMessage {
  const rows = random.below(4);
  const isRaw = random.chance(0.5);
  const shapes = signature.inputs.map(spec => shapeFor(spec, rows, random));
  const inputs = signature.inputs.map((spec, index): InferInput => {
    const shape = shapes[index] ?? [];
    const head = { name: spec.name, datatype: spec.datatype, shape: shape.map(BigInt) };
    return isRaw ? head : { ...head, contents: contents(spec.datatype, written(shape), random) };
  });
  const raw = signature.inputs.map((spec, index) =>
    rawTensor(spec.datatype, written(shapes[index] ?? []), random),
  );
  const outputs = signature.outputs
    .slice(0, random.below(3))
    .map(output => ({ name: output.name, ...classes(random) }));
  const id = random.pick(['', '42', 'é']);
  return { model_name: name, inputs, outputs, id, ...(isRaw && { raw_input_contents: raw }) };
}

function written(shape: readonly number[]): number {
  return Math.min(MOST_WRITTEN, countOf(shape));
}

function classes(random: Random): { parameters?: NonNullable<InferInput['parameters']> } {
  if (random.chance(0.7)) return {};
  const value = BigInt(random.pick([0, 1, 2, 5, 2 ** 40, -1]));
  return { parameters: new Map([['classification', { parameter_choice: { case: 'int64_param', value } }]]) };
}

function contents(datatype: Datatype, count: number, random: Random): NonNullable<InferInput['contents']> {
  const small = random.list(count, () => random.below(128));
  const big = small.map(BigInt);
  if (datatype === 'BOOL') return { bool_contents: Uint8Array.from(small, value => value & 1) };
  if (datatype === 'BYTES') return { bytes_contents: small.map(size => Buffer.alloc(size % 9, size)) };
  if (datatype === 'FP64') return { fp64_contents: small };
  if (datatype.startsWith('FP')) return { fp32_contents: small };
  if (datatype === 'INT64') return { int64_contents: big };
  if (datatype === 'UINT64') return { uint64_contents: big };
  return datatype.startsWith('U') ? { uint_contents: small } : { int_contents: small };
}

type PredictMessage = Encodable<typeof Predict.request>;
type Tensor = NonNullable<PredictMessage['inputs']> extends ReadonlyMap<string, infer T> ? T : never;

function predictMessage({ name, signature }: ServedModel, random: Random): PredictMessage {
  const rows = random.below(4);
  const inputs = new Map(
    signature.inputs.map(spec => [spec.name, tensorProto(spec, shapeFor(spec, rows, random), random)]),
  );
  const filter = random.chance(0.2) ? [signature.outputs[0]?.name ?? 'y'] : [];
  return { model_spec: modelSpec(name, random), inputs, output_filter: filter };
}

function modelSpec(name: string, random: Random): NonNullable<PredictMessage['model_spec']> {
  const kind = random.below(10);
  if (kind === 0)
    return { name, version_choice: { case: 'version', value: { value: BigInt(random.below(3)) } } };
  if (kind === 1) return { name, version_choice: { case: 'version_label', value: 'stable' } };
  return { name, signature_name: random.pick(['', 'serving_default']) };
}

/** In the bytes of memory, or in the list of its type, which may be shorter than the shape. */
function tensorProto({ datatype }: TensorSpec, shape: readonly number[], random: Random): Tensor {
  const head = {
    dtype: dtypeNumber(datatype),
    tensor_shape: { dim: shape.map(size => ({ size: BigInt(size) })) },
  };
  const count = written(shape);
  if (datatype !== 'BYTES' && random.chance(0.4))
    return { ...head, tensor_content: rawTensor(datatype, count, random) };
  const given = random.chance(0.3) ? random.below(count + 1) : count;
  const small = random.list(given, () => random.below(2));
  const lists: Readonly<Partial<Record<Datatype, Tensor>>> = {
    BOOL: { bool_val: Uint8Array.from(small) },
    BYTES: { string_val: small.map(value => Buffer.from(`t${value}`)) },
    FP16: { half_val: small },
    FP32: { float_val: small },
    FP64: { double_val: small },
    INT64: { int64_val: small.map(BigInt) },
    UINT32: { uint32_val: small },
    UINT64: { uint64_val: small.map(BigInt) },
  };
  return { ...head, ...(lists[datatype] ?? { int_val: small }) };
}
