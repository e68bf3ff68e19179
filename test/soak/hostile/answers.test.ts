import assert from 'node:assert/strict';
import test from 'node:test';
import { answersIn } from './answers.ts';

const two = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"é"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'.replace(
    '3',
    '4',
  ),
);

test('answers are told apart by their lengths', () => {
  assert.deepEqual(answersIn(two), [
    { status: 200, body: '"é"' },
    { status: 404, body: '' },
  ]);
});

test('half an answer is none yet', () => {
  for (const length of [0, 10, 40]) assert.deepEqual(answersIn(two.subarray(0, length)), []);
});
