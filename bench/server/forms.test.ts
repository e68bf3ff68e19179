import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type Form, framed } from './forms.ts';
import { bert, cnn, digits } from './models.ts';

const row = [1, 2.5];
const model = { ...digits, row: [2], answers: 2 };
const floats = Buffer.from(Float32Array.from(row).buffer);
const first = (body: Buffer): unknown =>
  (JSON.parse(body.toString()) as { inputs: readonly unknown[] }).inputs[0];

test('the binary form ends with the floats, and its header says where they begin', () => {
  const { body, headers } = encode('binary', model, row);
  const length = Number(headers['Inference-Header-Content-Length']);
  assert.deepEqual(body.subarray(length), floats);
  assert.deepEqual(first(body.subarray(0, length)), {
    name: 'pixels',
    datatype: 'FP32',
    shape: [1, 2],
    parameters: { binary_data_size: 8 },
  });
});

test('base64 holds the bytes that the bytes are', () => {
  const { data } = first(encode('base64', model, row).body) as { data: [string] };
  assert.deepEqual(Buffer.from(data[0], 'base64'), floats);
  assert.deepEqual(encode('bytes', model, row).body, floats);
  const packed = JSON.parse(encode('packed', model, row).body.toString()) as { bytes: string };
  assert.equal(packed.bytes, data[0]);
});

test('words are 64-bit integers', () => {
  const body = encode('bytes', bert, [258]).body;
  assert.deepEqual([...body], [2, 1, 0, 0, 0, 0, 0, 0]);
});

test('a message of gRPC stands behind its length, however long its tensor', () => {
  const long = Array.from({ length: 300 }, (_, index) => index);
  const message = encode('grpc', { ...cnn, row: [300] }, long).body;
  assert.equal(framed(message).readUInt32BE(1), message.length);
  assert.deepEqual(message.subarray(-1200), Buffer.from(Float32Array.from(long).buffer));
  // Field 7, then 1200 as a varint.
  assert.deepEqual([...message.subarray(-1203, -1200)], [58, 0xb0, 9]);
});

const answers: readonly { form: Form; body: string | Buffer }[] = [
  { form: 'rows', body: '{"predictions":[[1,2.5]],"model_version":"2"}' },
  { form: 'rows', body: '[[1,2.5]]' },
  { form: 'bytes', body: '{"predictions":[[1,2.5]]}' },
  { form: 'v2', body: '{"outputs":[{"name":"classes","data":[1]},{"name":"probabilities","data":[1,2.5]}]}' },
  { form: 'base64', body: '{"outputs":[{"name":"probabilities","shape":[1,2],"data":[1,2.5]}]}' },
  { form: 'binary', body: Buffer.concat([Buffer.from('{}'), floats]) },
  { form: 'grpc', body: Buffer.concat([Buffer.from([9]), floats]) },
];

for (const { form, body } of answers) {
  test(`the values of a row are read out of ${form}: ${String(body).slice(0, 20)}`, () => {
    assert.deepEqual(decode(form, model, Buffer.from(body)), row);
  });
}

test('an answer of another shape is refused', () => {
  assert.throws(() => decode('rows', model, Buffer.from('{"predictions":[1]}')));
  assert.throws(() => decode('rows', model, Buffer.from('{"predictions":[[1],[2]]}')));
  assert.throws(() => decode('v2', model, Buffer.from('{"error":"x"}')));
});
