import assert from 'node:assert/strict';
import test from 'node:test';
import { type AppError, failure } from '#base';
import { unwritable } from './writing.ts';

const system = (code: string): Error =>
  Object.assign(new Error(`${code}: nothing doing`), { code, syscall: 'write' });

test('what the disk refuses is told as what cannot be written, wherever it was found out', () => {
  const cases: readonly [unknown, string][] = [
    [system('ENOSPC'), '/c/x cannot be written: the disk is full'],
    [system('EIO'), '/c/x cannot be written: EIO: nothing doing'],
    [system('EACCES'), '/c/x cannot be written: its permissions do not allow it'],
    [
      failure('cache_unusable', { path: '/d', problem: 'it cannot be locked' }),
      '/d cannot be written: it cannot be locked',
    ],
    [
      failure('cache_full', { path: '/d', problem: 'the disk is full' }),
      '/d cannot be written: the disk is full',
    ],
  ];
  for (const [error, message] of cases) {
    const told = unwritable('/c/x', error) as AppError;
    assert.deepEqual([told.code, told.message], ['image_unwritable', message]);
  }
});

test('what has nothing to do with the disk stays what it is', () => {
  const others = [failure('source_missing', { uri: 'x', problem: 'y' }), new TypeError('a fault of ours')];
  for (const error of others) assert.equal(unwritable('/c/x', error), error);
});
