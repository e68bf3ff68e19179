import assert from 'node:assert/strict';
import test from 'node:test';
import { message, text, varintField } from '../../src/server/fixtures/onnx-file.ts';
import { readTensorProto } from './tensor-proto.ts';

const proto = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const floats = Buffer.from(Float32Array.of(1, -2).buffer);

const same: readonly { as: string; bytes: Buffer; datatype: string; raw: string }[] = [
  {
    as: 'raw data',
    bytes: proto(varintField(1, 2), varintField(2, 1), message(9, floats)),
    datatype: 'FP32',
    raw: '0000803f000000c0',
  },
  {
    as: 'packed floats',
    bytes: proto(varintField(1, 2), varintField(2, 1), message(4, floats)),
    datatype: 'FP32',
    raw: '0000803f000000c0',
  },
  {
    as: 'integers one by one, negative ones too',
    bytes: proto(varintField(1, 2), varintField(2, 3), varintField(5, 5), varintField(5, -1)),
    datatype: 'INT8',
    raw: '05ff',
  },
  {
    as: 'the bits of halves',
    bytes: proto(varintField(1, 1), varintField(2, 10), varintField(5, 0x3c00)),
    datatype: 'FP16',
    raw: '003c',
  },
  {
    as: 'strings',
    bytes: proto(varintField(1, 2), varintField(2, 8), text(6, 'ab'), text(6, '')),
    datatype: 'BYTES',
    raw: '02000000616200000000',
  },
];
for (const { as, bytes, datatype, raw } of same) {
  test(`reads ${as}`, () => {
    const tensor = readTensorProto(bytes);
    assert.equal(tensor.datatype, datatype);
    assert.equal(tensor.raw.toString('hex'), raw);
  });
}

const wrong: readonly { what: string; bytes: Buffer; says: RegExp }[] = [
  {
    what: 'too few elements',
    bytes: proto(varintField(1, 3), varintField(2, 1), message(9, floats)),
    says: /2 elements do not fill \[3\]/,
  },
  { what: 'bfloat16', bytes: proto(varintField(2, 16)), says: /type 16 has no wire name/ },
  {
    what: 'half a message',
    bytes: message(9, floats).subarray(0, 6),
    says: /cut short/,
  },
];
for (const { what, bytes, says } of wrong) {
  test(`refuses ${what}`, () => {
    assert.throws(() => readTensorProto(bytes), says);
  });
}
