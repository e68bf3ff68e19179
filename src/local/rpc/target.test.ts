import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnary, rpcTargetOf } from './target.ts';

const text = (number: number, value: string): Buffer => inner(number, Buffer.from(value));

function inner(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}

/** An Int64Value. */
const int64 = (number: number, ...bytes: readonly number[]): Buffer =>
  inner(number, Buffer.from(bytes.length === 0 ? [] : [8, ...bytes]));

const MINUS_ONE = [...Array<number>(9).fill(0xff), 1];

const infer = '/inference.GRPCInferenceService/ModelInfer';
const predict = '/tensorflow.serving.PredictionService/Predict';
const multi = '/tensorflow.serving.PredictionService/MultiInference';

for (const [name, path, message, target] of [
  ['a model', infer, [text(1, 'digits')], { model: 'digits' }],
  ['a model and a version', infer, [text(1, 'digits'), text(2, '2')], { model: 'digits', version: '2' }],
  ['an empty version is none', infer, [text(1, 'digits'), text(2, '')], { model: 'digits' }],
  ['nothing', infer, [], {}],
  ['a status of a model', '/inference.GRPCInferenceService/ModelReady', [text(1, 'm')], { model: 'm' }],
  ['a stream', '/inference.GRPCInferenceService/ModelStreamInfer', [text(2, '7')], { version: '7' }],
  ['a ModelSpec', predict, [inner(1, text(1, 'm'))], { model: 'm' }],
  [
    'a ModelSpec with a version',
    predict,
    [inner(1, text(1, 'm'), int64(2, 42))],
    { model: 'm', version: '42' },
  ],
  [
    'version 0, which is not written',
    predict,
    [inner(1, text(1, 'm'), int64(2))],
    { model: 'm', version: '0' },
  ],
  ['a version below 0', predict, [inner(1, int64(2, ...MINUS_ONE))], { version: '-1' }],
  ['a label, which only the server knows', predict, [inner(1, text(1, 'm'), text(4, 'new'))], { model: 'm' }],
  ['no ModelSpec', predict, [text(2, 'inputs')], {}],
  ['tasks', multi, [inner(1, inner(1, text(1, 'm'), int64(2, 3)))], { model: 'm', version: '3' }],
  ['no tasks', multi, [], {}],
  ['a method without a model', '/inference.GRPCInferenceService/ServerReady', [text(1, 'x')], {}],
  ['a method that is none', 'toString', [text(1, 'x')], {}],
] as const) {
  test(`the target of a call: ${name}`, () =>
    assert.deepEqual(rpcTargetOf(path, Buffer.concat(message)), target));
}

for (const [path, unary] of [
  [infer, true],
  [predict, true],
  ['/tensorflow.serving.ModelService/GetModelStatus', true],
  ['/inference.GRPCInferenceService/ServerLive', true],
  ['/inference.GRPCInferenceService/ModelStreamInfer', false],
  ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', false],
  ['/inference.GRPCInferenceServiceToo/ModelInfer', false],
] as const) {
  test(`${path} is ${unary ? '' : 'not '}known to answer once`, () => assert.equal(isUnary(path), unary));
}

test('a name that is too long is nobody', () => {
  const name = Buffer.alloc(300, 'n');
  const message = Buffer.concat([Buffer.from([0x0a, 0xac, 0x02]), name]);
  assert.deepEqual(rpcTargetOf(infer, message), {});
});
