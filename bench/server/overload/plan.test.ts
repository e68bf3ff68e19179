import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Plan, parsePlan } from './plan.ts';

const usual: Plan = {
  rounds: 3,
  seconds: 3,
  points: [0.5, 0.8, 1, 1.5, 2.5, 3],
  deadlineMs: 100,
  pattern: 'poisson',
  seed: 1,
  models: ['dense', 'convolution'],
  only: [],
};
const quick: Plan = { ...usual, rounds: 1, seconds: 2, points: [0.5, 1, 1.5, 2.5], models: ['dense'] };

const good: readonly { name: string; args: readonly string[]; plan: Plan }[] = [
  { name: 'the default is all of it', args: [], plan: usual },
  { name: '--quick is one round of one model', args: ['--quick'], plan: quick },
  {
    name: 'what is said wins over --quick',
    args: ['--quick', '--rounds', '2', '--points', '2, 1', '--models', 'digits', '--json', 'out.json'],
    plan: { ...quick, rounds: 2, points: [1, 2], models: ['digits'], json: 'out.json' },
  },
  {
    name: 'servers are named in part and in any case',
    args: ['--only', 'FairLead,Triton'],
    plan: { ...usual, only: ['fairlead', 'triton'] },
  },
  {
    name: 'deadline, pattern and seed',
    args: ['--deadline', '50', '--pattern', 'even', '--seed', '7', '--seconds', '0.5'],
    plan: { ...usual, deadlineMs: 50, pattern: 'even', seed: 7, seconds: 0.5 },
  },
];

for (const { name, args, plan } of good) {
  test(name, () => assert.deepEqual(parsePlan(args), plan));
}

for (const { args, says } of [
  { args: ['--rounds', '0'], says: /--rounds must be above zero, not '0'/ },
  { args: ['--rounds', '1.5'], says: /--rounds must be a whole number/ },
  { args: ['--points', '1,x'], says: /--points must be above zero, not 'x'/ },
  { args: ['--points', ','], says: /--points names none/ },
  { args: ['--deadline', '100ms'], says: /--deadline must be above zero/ },
  { args: ['--pattern', 'bursts'], says: /--pattern must be poisson or even/ },
  { args: ['--models', 'bert'], says: /--models must be of dense, convolution, digits, not 'bert'/ },
  { args: ['--slowly'], says: /--slowly/ },
]) {
  test(`${args.join(' ')} is refused in one sentence`, () => {
    assert.throws(() => parsePlan(args), says);
  });
}
