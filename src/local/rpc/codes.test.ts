import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#base';
import { rpcStatusOf } from '#net';
import { httpCodeOf } from './codes.ts';

for (const [status, code] of [
  [0, 200],
  [1, 499],
  [2, 500],
  [3, 400],
  [4, 504],
  [5, 404],
  [8, 429],
  [12, 404],
  [13, 500],
  [14, 503],
  [15, 500],
  [16, 401],
  [99, 500],
] as const) {
  test(`status ${status} is counted as ${code}`, () => assert.equal(httpCodeOf(status), code));
}

for (const name of [
  'input_invalid',
  'model_unknown',
  'path_unknown',
  'overloaded',
  'draining',
  'internal',
] as const) {
  test(`${name} is counted as over HTTP`, () => {
    const error = new AppError(name, '', {});
    assert.equal(httpCodeOf(rpcStatusOf(error)), error.status);
  });
}
