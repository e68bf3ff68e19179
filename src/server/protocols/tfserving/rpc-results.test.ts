import assert from 'node:assert/strict';
import test from 'node:test';
import type { InferRequest, ServedModel } from '../../models/signature.ts';
import { decode, encode } from '../../protobuf/codec.ts';
import type { Encodable } from '../../protobuf/schema.ts';
import type { Example } from '../../protobuf/tensorflow.ts';
import { PredictionService } from '../../protobuf/tensorflow-serving.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { valuesOf } from '../fixtures/ask.ts';
import { type AskedRpc, askRpc } from '../fixtures/ask-rpc.ts';
import { predictionService } from './rpc.ts';

const { Classify, Regress } = PredictionService.methods;

const floats = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape });

function model(version: string, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): ServedModel {
  return { name: 'm', version, platform: 'test', signature: { inputs, outputs, batched: true } };
}

const tensor = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});

function ask(name: 'Classify' | 'Regress', message: Buffer, served: ServedModel): AskedRpc {
  return askRpc(predictionService.methods[name], message, served);
}

type Features = Readonly<Record<string, readonly number[] | readonly bigint[] | readonly string[]>>;

function example(features: Features): Encodable<typeof Example> {
  const feature = Object.entries(features).map(([name, values]) => [name, { kind: kindOf(values) }] as const);
  return { features: { feature: new Map(feature) } };
}

function kindOf(values: Features[string]) {
  if (typeof values[0] === 'bigint')
    return { case: 'int64_list', value: { value: values as bigint[] } } as const;
  if (typeof values[0] === 'string')
    return { case: 'bytes_list', value: { value: values.map(text => Buffer.from(text as string)) } } as const;
  return { case: 'float_list', value: { value: values as number[] } } as const;
}

function examplesOf(
  examples: readonly Features[],
  context?: Features,
): NonNullable<Encodable<typeof Classify.request>['input']> {
  const list = { examples: examples.map(example) };
  return context === undefined
    ? { kind: { case: 'example_list', value: list } }
    : { kind: { case: 'example_list_with_context', value: { ...list, context: example(context) } } };
}

const labelled = model('1', [floats('x', -1, 2)], [{ ...floats('y', -1, 2), labels: ['ant', 'bee'] }]);

test('examples are classified', () => {
  const message = { model_spec: { name: 'm' }, input: examplesOf([{ x: [1, 2] }, { x: [3, 4] }]) };
  const { request, answer } = ask('Classify', encode(Classify.request, message), labelled);
  assert.deepEqual(request.inputs, [{ ...tensor(1, 2, 3, 4), shape: [2, 2] }]);
  const { result, model_spec } = decode(Classify.response, answer(request.inputs));
  const classes = result?.classifications.map(row => row.classes.map(({ label, score }) => [label, score]));
  assert.deepEqual(classes, [
    [
      ['ant', 1],
      ['bee', 2],
    ],
    [
      ['ant', 3],
      ['bee', 4],
    ],
  ]);
  assert.equal(model_spec?.signature_name, 'serving_default');
});

test('examples are regressed', () => {
  const message = { model_spec: { name: 'm' }, input: examplesOf([{ x: [1] }, { x: [2] }]) };
  const served = model('1', [floats('x', -1)], [floats('y', -1)]);
  const { answer } = ask('Regress', encode(Regress.request, message), served);
  const { result } = decode(Regress.response, answer([tensor(2.5, 3)]));
  assert.deepEqual(
    result?.regressions.map(({ value }) => value),
    [2.5, 3],
  );
});

function regress(input: Encodable<typeof Regress.request>['input'], ...inputs: TensorSpec[]): InferRequest {
  const message = encode(Regress.request, { model_spec: { name: 'm' }, input });
  return ask('Regress', message, model('1', inputs, [floats('y', -1)])).request;
}

const spec = (datatype: TensorSpec['datatype'], ...shape: number[]): TensorSpec => ({
  name: 'x',
  datatype,
  shape,
});
const features: readonly { spec: TensorSpec; values: Features[string]; data: unknown }[] = [
  { spec: spec('FP32', -1, 2), values: [0.5, Number.NaN], data: Float32Array.of(0.5, Number.NaN) },
  { spec: spec('FP64', -1), values: [0.5], data: Float64Array.of(0.5) },
  { spec: spec('FP16', -1, 2), values: [1, -Infinity], data: Uint16Array.of(0x3c00, 0xfc00) },
  { spec: spec('INT64', -1), values: [2n ** 53n + 1n], data: BigInt64Array.of(2n ** 53n + 1n) },
  { spec: spec('UINT64', -1), values: [1n], data: BigUint64Array.of(1n) },
  { spec: spec('INT8', -1, 2), values: [-128n, 127n], data: Int8Array.of(-128, 127) },
  { spec: spec('UINT32', -1), values: [4_294_967_295n], data: Uint32Array.of(4_294_967_295) },
  { spec: spec('BOOL', -1, 2), values: [0n, 1n], data: Uint8Array.of(0, 1) },
  { spec: spec('BYTES', -1, 2), values: ['ab', ''], data: ['ab', ''] },
];
for (const { spec: input, values, data } of features) {
  test(`a feature becomes ${input.datatype}`, () => {
    const [found] = regress(examplesOf([{ x: values }]), input).inputs;
    assert(found !== undefined);
    assert.deepEqual((valuesOf(found) as { data: unknown }).data, data);
  });
}

test('the context gives each example what it has not itself', () => {
  const input = examplesOf([{ x: [1] }, {}], { x: [9], other: ['?'] });
  assert.deepEqual(regress(input, spec('FP32', -1)).inputs, [tensor(1, 9)]);
});

test('the context cannot give a long list to any number of examples', () => {
  const zeros = Array.from({ length: 1000 }, () => 0);
  const input = examplesOf(
    Array.from({ length: 2000 }, () => ({})),
    { x: zeros },
  );
  assert.throws(() => regress(input, spec('FP32', -1, -1)), /more than 262144 bytes must be written out/);
});

const wrongFeatures: readonly {
  name: string;
  input: ReturnType<typeof examplesOf>;
  spec?: TensorSpec;
  says: RegExp;
}[] = [
  { name: 'nothing', input: {}, says: /^Input is empty\.$/ },
  { name: 'no examples', input: examplesOf([]), says: /^Input is empty\.$/ },
  { name: 'a feature missing', input: examplesOf([{ x: [1] }, {}]), says: /Feature: x is required/ },
  {
    name: 'integers for floats',
    input: examplesOf([{ x: [1n] }]),
    says: /Key: x\. Data types don't match\. Data type: int64 but expected type: float/,
  },
  {
    name: 'strings for integers',
    input: examplesOf([{ x: ['1'] }]),
    spec: spec('INT32', -1),
    says: /Data type: string but expected type: int64/,
  },
  {
    name: 'an integer out of range',
    input: examplesOf([{ x: [256n] }]),
    spec: spec('UINT8', -1),
    says: /256 does not fit uint8/,
  },
  {
    name: 'a sign',
    input: examplesOf([{ x: [-1n] }]),
    spec: spec('UINT64', -1),
    says: /-1 does not fit uint64/,
  },
  {
    name: 'a boolean of 2',
    input: examplesOf([{ x: [2n] }]),
    spec: spec('BOOL', -1),
    says: /2 does not fit bool/,
  },
  {
    name: 'a float beyond halves',
    input: examplesOf([{ x: [65_520] }]),
    spec: spec('FP16', -1),
    says: /65520 does not fit half/,
  },
  { name: 'another number of values', input: examplesOf([{ x: [1, 2] }]), says: /has 2 values/ },
];
for (const { name, input, spec: wanted = spec('FP32', -1), says } of wrongFeatures) {
  test(`an example of ${name} is refused`, () => {
    assert.throws(() => regress(input, wanted), { code: 'input_invalid', message: says });
  });
}

test('a model that neither classifies nor regresses says so', () => {
  const message = encode(Classify.request, { model_spec: { name: 'm' }, input: examplesOf([{ x: [1] }]) });
  const sum = model('1', [floats('x', -1)], [floats('y', -1), floats('z', -1)]);
  assert.throws(() => ask('Classify', message, sum), /Expected classification signature/);
  assert.throws(() => ask('Regress', message, sum), /Expected regression signature/);
});
