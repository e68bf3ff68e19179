import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { brief, lastLines } from './words.ts';

test('words of others are one line that moves no cursor', () => {
  assert.equal(brief('\u001b[31mfailed:\u001b[0m\n\n  no\tmodel\u0007'), 'failed: no model');
  assert.equal(brief('x'.repeat(500)).length, 401);
});

test('of a log the last five lines are shown, each cut', () => {
  const lines = lastLines(['1', '2', '3', '4', '5', '6', 'y'.repeat(1000)]);
  assert.deepEqual(lines.slice(0, 4), ['3', '4', '5', '6']);
  assert.equal(lines[4]?.length, 201);
});

const secrets: readonly (readonly [written: string, shown: string])[] = [
  ['cannot open s3://key:hunter2@host/model', 'cannot open s3://…@host/model'],
  ['DB_PASSWORD=hunter2 is wrong', 'DB_PASSWORD=… is wrong'],
  ['{"api_key": "hunter2"}', '{"api_key": "…"}'],
  ['GET /m?X-Amz-Signature=hunter2&x=1', 'GET /m?X-Amz-Signature=…&x=1'],
  ['authorization: Bearer hunter2.x', 'authorization: Bearer …'],
  ['token limit is 4096 tokens', 'token limit is 4096 tokens'],
];

for (const [written, shown] of secrets)
  test(`what a log gives away is not repeated: ${shown}`, () =>
    assert.deepEqual(lastLines([written]), [shown]));

test('whatever is written, it fits', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 2000 })), written => {
      const lines = lastLines(written);
      assert.ok(lines.length <= 5 && lines.every(line => line.length <= 201 && !/\p{Cc}/u.test(line)));
    }),
  );
});
