import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isService, listMessage, Serving, serviceOf, statusMessage } from './health.ts';
import { skim } from './skim.ts';

test('a request names a service, or the whole', () => {
  assert.equal(serviceOf(Buffer.from('\n\x03abc')), 'abc');
  assert.equal(serviceOf(Buffer.alloc(0)), '');
});

for (const [name, known] of [
  ['', true],
  ['inference.GRPCInferenceService', true],
  ['tensorflow.serving.PredictionService', true],
  ['tensorflow.serving.ModelService', true],
  ['inference', false],
] as const) {
  test(`'${name}' is ${known ? 'a' : 'no'} service`, () => assert.equal(isService(name), known));
}

test('a status is one field', () => {
  assert.equal(skim(Buffer.from(statusMessage(Serving.no))).integer, 2n);
});

test('the list has every service with its status', () => {
  let rest = Buffer.from(listMessage(Serving.yes));
  const found = new Map<string, bigint | undefined>();
  while (rest.length > 0) {
    const entry = skim(rest.subarray(0, 2 + (rest[1] ?? 0))).first ?? Buffer.alloc(0);
    const { first, second } = skim(entry);
    found.set(String(first), skim(second ?? Buffer.alloc(0)).integer);
    rest = rest.subarray(2 + entry.length);
  }
  assert.equal(found.size, 4);
  for (const [name, status] of found) assert.deepEqual([isService(name), status], [true, 1n]);
});
