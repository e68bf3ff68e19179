import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePlan } from './plan.ts';

const connections = [1, 32, 128];
const good = [
  {
    name: 'the default is five rounds of three seconds',
    args: [],
    plan: { rounds: 5, seconds: 3, connections },
  },
  {
    name: '--quick is three rounds of one second',
    args: ['--quick'],
    plan: { rounds: 3, seconds: 1, connections },
  },
  {
    name: 'a number given wins over --quick',
    args: ['--quick', '--rounds', '7', '--json', 'out.json'],
    plan: { rounds: 7, seconds: 1, connections, json: 'out.json' },
  },
];

for (const { name, args, plan } of good) {
  test(name, () => assert.deepEqual(parsePlan(args), plan));
}

const bad = [
  {
    name: 'no rounds at all is refused',
    args: ['--rounds', '0'],
    message: /--rounds must be a whole number/,
  },
  { name: 'half a second is refused, as wrk cannot', args: ['--seconds', '0.5'], message: /not '0.5'/ },
  { name: 'an unknown flag is refused', args: ['--fast'], message: /--fast/ },
];

for (const { name, args, message } of bad) {
  test(name, () => assert.throws(() => parsePlan(args), message));
}
