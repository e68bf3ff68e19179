import assert from 'node:assert/strict';
import test from 'node:test';
import { counting, requestIds } from './request-ids.ts';

const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('ids that came are kept', () => {
  assert.deepEqual(
    requestIds({ 'x-request-id': 'abc', traceparent: trace }, () => 'fresh'),
    { requestId: 'abc', traceparent: trace },
  );
});

for (const bad of ['', 'a b', 'a\tb', 'é', 'x'.repeat(129)]) {
  test(`the request id ${JSON.stringify(bad.slice(0, 9))} is replaced`, () => {
    assert.equal(requestIds({ 'x-request-id': bad }, () => 'fresh').requestId, 'fresh');
  });
}

for (const bad of [
  'x',
  trace.toUpperCase(),
  trace.replace('00-', 'ff-'),
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `${trace}\r\nx: y`,
]) {
  test(`the trace context ${JSON.stringify(bad.slice(0, 20))}… is dropped`, () => {
    assert.equal(requestIds({ traceparent: bad }, () => 'fresh').traceparent, undefined);
  });
}

test('fresh ids differ', () => {
  const next = counting('p');
  assert.equal(new Set(Array.from({ length: 100 }, next)).size, 100);
});
