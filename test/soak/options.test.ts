import assert from 'node:assert/strict';
import test from 'node:test';
import { parseOptions } from './options.ts';

test('half an hour is meant where nothing is said', () => {
  assert.deepEqual(parseOptions([]), { seconds: 1800, seed: undefined, report: undefined, help: false });
});

test('seconds, a seed and a file are taken', () => {
  const options = parseOptions(['--seconds', '60', '--seed', '0', '--report', 'a.md']);
  assert.deepEqual(options, { seconds: 60, seed: 0, report: 'a.md', help: false });
});

for (const args of [
  ['--seconds', '29'],
  ['--seconds', '1e3'],
  ['--seed', '-1'],
  ['--seed', '4294967296'],
]) {
  test(`${args.join(' ')} is refused with a sentence`, () => {
    assert.throws(() => parseOptions([args.join('=')]), /must be a whole number from/);
  });
}
