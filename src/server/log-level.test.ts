import assert from 'node:assert/strict';
import test from 'node:test';
import { failure } from '#base';
import { answerLevel } from './log-level.ts';

test('an answer is said at debug, a fault of the client at info, one of the server as an error', () => {
  assert.equal(answerLevel(undefined), 'debug');
  assert.equal(answerLevel(failure('model_unknown', { name: 'm' })), 'info');
  assert.equal(answerLevel(failure('inference_failed', { problem: 'x' })), 'error');
});

test('refusals of a busy server do not fill its log', () => {
  assert.equal(answerLevel(failure('overloaded', { limit: '1' })), 'debug');
  assert.equal(answerLevel(failure('deadline_exceeded', { seconds: 1 })), 'debug');
});
