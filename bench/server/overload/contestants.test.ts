import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, entries } from './contestants.ts';
import { models } from './models.ts';

function names(list: readonly Entry[]): string[] {
  return list.map(({ contestant }) => contestant.name);
}

for (const model of models) {
  const list = entries(model, 100);

  test(`${model.name}: each server once, this one first, and each serves the model's own file`, () => {
    assert.deepEqual(names(list), [...new Set(names(list))]);
    assert.equal(names(list)[0], 'fairlead');
    assert.ok(list.length > 5, 'there is somebody to compare with');
    for (const { contestant } of list) {
      const command = contestant.command([model]);
      assert.ok(
        command.includes('{port}') && command.some(part => part.includes(model.path)),
        contestant.name,
      );
      assert.ok(contestant.door(model) !== undefined, contestant.name);
    }
  });
}

test('only this server is told of the deadline, once without', () => {
  const [model] = models;
  const told = entries(model ?? assert.fail(), 70).filter(({ headers }) => 'x-deadline-ms' in headers);
  assert.deepEqual(names(told), ['fairlead']);
  assert.equal(told[0]?.headers['x-deadline-ms'], '70');
});

test('a peer batches where its row does and the model gains by it', () => {
  const [dense, convolution] = models.map(model => names(entries(model, 100)).join());
  assert.match(dense ?? '', /MLServer, batching/);
  assert.doesNotMatch(convolution ?? '', /batching/);
  assert.match(convolution ?? '', /MLServer/);
});
