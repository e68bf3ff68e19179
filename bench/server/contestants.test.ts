import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contestants } from './contestants.ts';
import { directRequirements } from './environments.ts';
import { bert, cnn, digits } from './models.ts';
import { places } from './places.ts';
import { commandOf } from './start.ts';

test('every row has a name of its own, and every peer a script and pinned requirements', async () => {
  const names = contestants.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const contestant of contestants) {
    if (contestant.environment === undefined || contestant.kind === 'fairlead') continue;
    const requirements = join(places.sources, 'requirements', `${contestant.environment}.txt`);
    const lines = readFileSync(requirements, 'utf8').trim().split('\n');
    for (const line of lines) assert.match(line, /^# |^[\w.-]+==\S+$/, `${requirements}: ${line}`);
    const script = (await commandOf(contestant, [digits])).argv.find(each => each.endsWith('.py')) ?? '';
    assert.ok(existsSync(script), script);
  }
});

test('every row is asked for the digits, and rows of batching for nothing heavier', () => {
  for (const { name, peer, door } of contestants) {
    assert.ok(door(digits), name);
    if (name !== peer) assert.deepEqual([door(cnn), door(bert)], [undefined, undefined], name);
  }
});

test('a port in a command becomes a free one, which its URL names', async () => {
  const peer = contestants.find(({ name }) => name === 'KServe');
  assert.ok(peer);
  const { argv } = await commandOf(peer, [digits, cnn]);
  const [shell, , , url = '', , , port = '', ...models] = argv;
  assert.deepEqual([shell, url], ['sh', `http://127.0.0.1:${port}`]);
  assert.ok(Number(port) > 1024);
  assert.deepEqual(models, [`digits=${digits.path}`, `cnn=${cnn.path}`]);
});

test('the first packages of a file of requirements are those that decide the figures', () => {
  const text = '# About.\nb-c==1.0\na==2\n# What they bring.\nd==3\n';
  assert.deepEqual(directRequirements(text), ['b-c', 'a']);
});
