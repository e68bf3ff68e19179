import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeIn } from './start.ts';

const cases = [
  {
    name: 'the last lines that name an error are the cause',
    log: 'loading\nModuleNotFoundError: no x\n  failed to load all models  \nstopping\nbye',
    says: 'ModuleNotFoundError: no x\nfailed to load all models',
  },
  { name: 'without such a line the end is', log: 'a\nb\nc\nd\n', says: 'b\nc\nd' },
  { name: 'a line is cut', log: `error ${'x'.repeat(1000)}`, says: `error ${'x'.repeat(294)}` },
];

for (const { name, log, says } of cases) {
  test(name, () => assert.equal(causeIn(log), says));
}
