/** Answers over gRPC, seen so that the same elements are the same text. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rpcView } from './rpc-view.ts';

const answered = (...messages: object[]) => rpcView({ code: 0, details: '', messages });
const answer = (datatype: string, rest: object, more: object = {}) => ({
  model_name: 'm',
  outputs: [{ name: 'y', datatype, shape: ['1', '2'], ...more }],
  ...rest,
});

const forms = [
  ['INT8', { int_contents: [-128, 127] }, '807f'],
  ['UINT64', { uint64_contents: ['18446744073709551615', '0'] }, 'ffffffffffffffff0000000000000000'],
  ['INT64', { int64_contents: ['-1', '1'] }, 'ffffffffffffffff0100000000000000'],
  ['FP32', { fp32_contents: [-0, 1] }, '000000800000803f'],
  ['BOOL', { bool_contents: [true, false] }, '0100'],
  ['BYTES', { bytes_contents: [Buffer.from('ab'), Buffer.alloc(0)] }, '02000000616200000000'],
] as const;

for (const [datatype, contents, hex] of forms)
  test(`${datatype} in contents and as bytes are the same elements in another form`, () => {
    const raw = answered(answer(datatype, { raw_output_contents: [Buffer.from(hex, 'hex')] }));
    const typed = answered(answer(datatype, {}, { contents }));
    assert.equal(raw['outputs[0].bytes'], hex);
    assert.deepEqual({ ...typed, form: '' }, { ...raw, form: '' });
    assert.notEqual(typed['form'], raw['form']);
  });

test('long tensors differ when one bit does', () => {
  const bytes = Buffer.alloc(5_000);
  const before = answered(answer('UINT8', { raw_output_contents: [bytes] }));
  const after = answered(answer('UINT8', { raw_output_contents: [Buffer.from(bytes).fill(1, 4_999)] }));
  assert.notEqual(before['outputs[0].bytes'], after['outputs[0].bytes']);
});

test('the messages of a stream have their places, and a status its name', () => {
  const view = rpcView({
    code: 3,
    details: 'wrong',
    messages: [{ infer_response: answer('INT8', { id: '1' }) }, { error_message: 'no' }],
  });
  assert.equal(view['status'], 'INVALID_ARGUMENT');
  assert.equal(view['error'], '"wrong"');
  assert.equal(view['message 1: id'], '"1"');
  assert.equal(view['message 2: error_message'], '"no"');
});
