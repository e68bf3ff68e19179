import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validRequestId } from './request-id.ts';

const ids = [
  { name: 'a plain id', value: 'abc-123', valid: true },
  { name: 'visible signs', value: '!~', valid: true },
  { name: '128 characters', value: 'x'.repeat(128), valid: true },
  { name: '129 characters', value: 'x'.repeat(129), valid: false },
  { name: 'nothing', value: '', valid: false },
  { name: 'a space, as two joined headers have', value: 'a, b', valid: false },
  { name: 'a letter beyond ASCII', value: 'é', valid: false },
  { name: 'an absent header', value: undefined, valid: false },
  { name: 'a list', value: ['a'], valid: false },
];

for (const { name, value, valid } of ids) {
  test(`${name} is ${valid ? 'a' : 'no'} request id`, () =>
    assert.equal(validRequestId(value), valid ? value : undefined));
}
