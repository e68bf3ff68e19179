import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binaryRequest, framed, lastFloats, rpcRequest } from './requests.ts';

test('the binary form ends with the floats, and its header says where they begin', () => {
  const { body, headers } = binaryRequest([1, 2.5]);
  const length = Number(headers['Inference-Header-Content-Length']);
  assert.deepEqual(lastFloats(body, 2), [1, 2.5]);
  assert.equal(length, body.length - 8);
  const { inputs } = JSON.parse(body.subarray(0, length).toString()) as { inputs: { shape: number[] }[] };
  assert.deepEqual(inputs[0]?.shape, [1, 2]);
});

test('a message of gRPC stands behind its length', () => {
  const message = rpcRequest(Array.from({ length: 64 }, (_, index) => index));
  const frame = framed(message);
  assert.equal(frame.readUInt32BE(1), message.length);
  assert.deepEqual(lastFloats(frame, 2), [62, 63]);
});
