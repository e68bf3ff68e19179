import assert from 'node:assert/strict';
import test from 'node:test';
import type { ServedModel } from '../../models/signature.ts';
import { decode, encode } from '../../protobuf/codec.ts';
import type { Encodable } from '../../protobuf/schema.ts';
import { DataType, type TensorProto } from '../../protobuf/tensorflow.ts';
import { PredictionService } from '../../protobuf/tensorflow-serving.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { type AskedRpc, askRpc } from '../fixtures/ask-rpc.ts';
import type { Target } from '../port.ts';
import { predictionService } from './rpc.ts';

const { Predict } = PredictionService.methods;
const { DT_FLOAT, DT_STRING, DT_INT64 } = DataType.values;

const floats = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape });

function model(version: string, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): ServedModel {
  return { name: 'm', version, platform: 'test', signature: { inputs, outputs, batched: true } };
}

const sum = model('123', [floats('a', -1), floats('b', -1)], [floats('y', -1), floats('z', -1)]);

type PredictMessage = Encodable<typeof Predict.request>;

function predict(message: PredictMessage, served = sum): AskedRpc {
  const bytes = encode(Predict.request, { model_spec: { name: 'm' }, ...message });
  return askRpc(predictionService.methods['Predict'], bytes, served);
}

type TensorMessage = Encodable<typeof TensorProto>;

const proto = (...values: number[]): TensorMessage => ({
  dtype: DT_FLOAT,
  tensor_shape: { dim: [{ size: BigInt(values.length) }] },
  float_val: values,
});
const tensor = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const both: ReadonlyMap<string, TensorMessage> = new Map([
  ['b', proto(3, 4)],
  ['a', proto(1, 2)],
]);

test('inputs are found by name, and every output is answered', () => {
  const { request, answer } = predict({ inputs: both });
  assert.deepEqual(request.inputs, [tensor(1, 2), tensor(3, 4)]);
  assert.equal(request.rows, 2);
  const { outputs, model_spec } = decode(Predict.response, answer([tensor(4, 6), tensor(-2, -2)]));
  assert.deepEqual([...outputs.keys()], ['y', 'z']);
  assert.deepEqual(outputs.get('y')?.float_val, Float32Array.of(4, 6));
  assert.deepEqual(outputs.get('y')?.tensor_shape?.dim, [{ size: 2n, name: '' }]);
  assert.deepEqual(model_spec, {
    name: 'm',
    version_choice: { case: 'version', value: { value: 123n } },
    signature_name: 'serving_default',
  });
});

test('only the outputs of a filter are answered', () => {
  const { answer } = predict({ inputs: both, output_filter: ['z'] });
  const { outputs } = decode(Predict.response, answer([tensor(4, 6), tensor(-2, -2)]));
  assert.deepEqual(
    [...outputs].map(([name, { float_val }]) => [name, ...float_val]),
    [['z', -2, -2]],
  );
});

test('a version that is no number of 64 bits is not in the answer', () => {
  for (const version of ['a1b2c3d4', '9223372036854775808']) {
    const { answer } = predict({ inputs: both }, { ...sum, version });
    const { model_spec } = decode(Predict.response, answer([tensor(1), tensor(1)]));
    assert.equal(model_spec?.version_choice, undefined);
  }
});

const targets: readonly { name: string; spec: PredictMessage['model_spec']; target: Target }[] = [
  { name: 'a name alone', spec: { name: 'm' }, target: { name: 'm' } },
  {
    name: 'a version',
    spec: { name: 'm', version_choice: { case: 'version', value: { value: 7n } } },
    target: { name: 'm', version: '7' },
  },
  {
    name: 'the version 0, which is written as nothing',
    spec: { name: 'm', version_choice: { case: 'version', value: {} } },
    target: { name: 'm', version: '0' },
  },
  {
    name: 'a label',
    spec: { name: 'm', version_choice: { case: 'version_label', value: 'stable' } },
    target: { name: 'm', label: 'stable' },
  },
  {
    name: 'the signature there is',
    spec: { name: 'm', signature_name: 'serving_default' },
    target: { name: 'm' },
  },
];
for (const { name, spec, target } of targets) {
  test(`a model may be asked by ${name}`, () => {
    assert.deepEqual(predict({ inputs: both, model_spec: spec }).target, target);
  });
}

const one: ReadonlyMap<string, TensorMessage> = new Map([['a', proto(1)]]);
const refused: readonly { name: string; message: PredictMessage; says: RegExp }[] = [
  { name: 'no model', message: { model_spec: undefined }, says: /^Missing ModelSpec$/ },
  { name: 'a model without a name', message: { model_spec: {} }, says: /ModelSpec has no name specified/ },
  {
    name: 'another signature',
    message: { inputs: both, model_spec: { name: 'm', signature_name: 'nope' } },
    says: /"nope" not found in signature def/,
  },
  {
    name: 'an input missing',
    message: { inputs: one },
    says: /input size does not match signature: 1!=2 of \{a,b\}\. Sent extra: \{\}\. Missing but required: \{b\}/,
  },
  {
    name: 'an input too many',
    message: { inputs: new Map<string, TensorMessage>([...both, ['c', proto(1)]]) },
    says: /3!=2 of \{a,b\}\. Sent extra: \{c\}\. Missing but required: \{\}/,
  },
  {
    name: 'an input of another name',
    message: { inputs: new Map([...one, ['c', proto(1)]]) },
    says: /alias not found in signature: c\. Inputs expected to be in the set \{a,b\}/,
  },
  {
    name: 'an output that is none',
    message: { inputs: both, output_filter: ['y', 'nope'] },
    says: /alias not found in signature: nope Outputs expected to be in the set \{y,z\}/,
  },
  {
    name: 'an output twice',
    message: { inputs: both, output_filter: ['y', 'y'] },
    says: /duplicate output tensor alias: y/,
  },
  {
    name: 'another type',
    message: {
      inputs: new Map<string, TensorMessage>([
        ...both,
        ['a', { ...proto(), dtype: DT_INT64, int64_val: [] }],
      ]),
    },
    says: /'a' data-type is 'INT64'/,
  },
  {
    name: 'a faulty tensor',
    message: {
      inputs: new Map<string, TensorMessage>([
        ...both,
        ['b', { dtype: DT_STRING, tensor_shape: { unknown_rank: true } }],
      ]),
    },
    says: /'b' is of unknown rank/,
  },
  {
    name: 'rows that do not agree',
    message: { inputs: new Map<string, TensorMessage>([...both, ['b', proto(1)]]) },
    says: /batch size does not match/,
  },
];
for (const { name, message, says } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(() => predict(message), {
      code: 'input_invalid',
      message: says,
    });
  });
}

test('what is no message is refused', () => {
  assert.throws(() => askRpc(predictionService.methods['Predict'], Buffer.from([0xff]), sum), {
    code: 'message_malformed',
  });
});

test('strings that are no text are answered as they are', () => {
  const bytes = Buffer.from([0xff, 0x00]);
  const served = model('1', [floats('a', -1)], [{ name: 'y', datatype: 'BYTES', shape: [-1] }]);
  const { answer } = predict({ inputs: one }, served);
  const output: Tensor = { datatype: 'BYTES', shape: [1], data: ByteStrings.of([bytes]) };
  assert.deepEqual(decode(Predict.response, answer([output])).outputs.get('y')?.string_val, [bytes]);
});
