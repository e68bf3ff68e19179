import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contestants } from './contestants.ts';
import { chosen, parsePlan } from './plan.ts';

test('the default is every model at 1, 32 and 128 connections', () => {
  assert.deepEqual(parsePlan([]), {
    suites: ['mlp', 'cnn', 'bert', 'mixed'],
    rounds: 3,
    seconds: 3,
    warmUpSeconds: 4,
    connections: [1, 32, 128],
    heavy: { rounds: 2, seconds: 6, connections: [4, 8] },
    quick: false,
    installOnly: false,
  });
});

test('--quick is shorter, with the connections that matter most', () => {
  const { suites, seconds, connections, heavy } = parsePlan(['--quick']);
  assert.deepEqual([suites, seconds, connections], [['mlp', 'cnn'], 1, [32]]);
  assert.deepEqual(heavy, { rounds: 1, seconds: 3, connections: [4] });
});

test('what is given wins over --quick', () => {
  const plan = parsePlan(['--quick', '--rounds', '1', '--seconds', '2', '--models', 'mixed,mlp']);
  assert.deepEqual(plan.suites, ['mlp', 'mixed']);
  assert.deepEqual([plan.rounds, plan.seconds, plan.heavy.rounds, plan.heavy.seconds], [1, 2, 1, 2]);
});

test('--only takes the beginnings of names, and then those that --quick leaves out too', () => {
  const names = chosen(contestants, parsePlan(['--quick', '--only', 'mlserver,ray'])).map(({ name }) => name);
  assert.deepEqual(names, ['MLServer', 'MLServer, batching', 'Ray Serve', 'Ray Serve, batching']);
  assert.throws(() => chosen(contestants, parsePlan(['--only', 'flask'])), /knows no 'flask': 'fairlead'/);
});

const bad = [
  {
    name: 'no rounds at all is refused',
    args: ['--rounds', '0'],
    message: /--rounds must be a whole number/,
  },
  { name: 'half a second is refused, as wrk cannot', args: ['--seconds', '0.5'], message: /not '0.5'/ },
  { name: 'an unknown model is refused', args: ['--models', 'mlp,gpt'], message: /--models .* not 'gpt'/ },
  { name: 'an unknown flag is refused', args: ['--fast'], message: /--fast/ },
];

for (const { name, args, message } of bad) {
  test(name, () => assert.throws(() => parsePlan(args), message));
}
