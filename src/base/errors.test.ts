import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError, asAppError, failure, messageOf } from './errors.ts';

test('a failure words its facts and carries how each edge answers', () => {
  const cause = new Error('EADDRINUSE');
  const error = failure('port_taken', { address: '127.0.0.1:8501' }, cause);
  assert.ok(error instanceof AppError && error instanceof Error);
  assert.equal(error.message, '127.0.0.1:8501 is in use by another process');
  assert.deepEqual(
    { code: error.code, status: error.status, exit: error.exit, retry: error.retry },
    { code: 'port_taken', status: 500, exit: 3, retry: 'later' },
  );
  assert.match(error.hint ?? '', /--port/);
  assert.deepEqual(error.facts, { address: '127.0.0.1:8501' });
  assert.equal(error.cause, cause);
});

test('a failure without a cause or a hint has none', () => {
  const error = failure('path_unknown', { path: '/x' });
  assert.equal('cause' in error, false);
  assert.equal(error.hint, undefined);
});

test('one fault of a file is told in the singular, more are counted', () => {
  assert.equal(
    failure('spec_invalid', { file: 'a.yaml', issues: ['x'] }).message,
    'a.yaml has a fault:\n  x',
  );
  assert.match(
    failure('spec_invalid', { file: 'a', issues: ['x', 'y'] }).message,
    /^a has 2 faults:\n {2}x\n {2}y$/,
  );
});

test('an error of the catalogue stays itself', () => {
  const error = failure('draining', {});
  assert.equal(asAppError(error), error);
});

const foreign: readonly { name: string; thrown: unknown; message: string }[] = [
  { name: 'an Error', thrown: new TypeError('x is not a function'), message: 'x is not a function' },
  { name: 'a string', thrown: 'boom', message: 'boom' },
  { name: 'nothing', thrown: undefined, message: 'undefined' },
  { name: 'an object without a prototype', thrown: Object.create(null), message: 'a thrown object' },
  {
    name: 'an object whose text throws',
    thrown: { toString: () => assert.fail() },
    message: 'a thrown object',
  },
];

for (const { name, thrown, message } of foreign) {
  test(`${name} that was thrown becomes a fault of ours, with its cause`, () => {
    const error = asAppError(thrown);
    assert.equal(error.code, 'internal');
    assert.equal(error.message, `internal error: ${message}`);
    assert.equal(error.cause, thrown);
    assert.equal(messageOf(thrown), message);
  });
}
