import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError, failure } from '#base';
import { explained } from './unreadable.ts';

test('a path that was probably a URI is told without the signature in its query', () => {
  const uri = 'acc.blob.core.windows.net/c/b?sv=1&sig=S3CR3T';
  const path = `/nowhere/${uri}`;
  const said = explained(failure('file_missing', { path, purpose: 'the model' }), uri, '/nowhere');
  assert.ok(said instanceof AppError);
  assert.match(said.message, /did you mean az:\/\/c@acc\/b\?/);
  assert.ok(!said.message.includes('S3CR3T'), said.message);
});
