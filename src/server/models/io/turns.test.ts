import assert from 'node:assert/strict';
import test from 'node:test';
import { Turns } from './turns.ts';

/** A work that ends when told, and notes when it begins and ends. */
function work(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    log.push(`${name} begins`);
    await promise;
    log.push(`${name} ends`);
  };
  return { run, end: resolve, fail: reject };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

test('works of one name run one after the other, those of another name beside them', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map(name => work(log, name)) as [
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
  ];
  const done = [turns.take('m', a.run), turns.take('m', b.run), turns.take('n', c.run)];
  await turn();
  assert.deepEqual(log, ['a begins', 'c begins']);
  for (const { end } of [b, c, a]) end();
  await Promise.all(done);
  assert.deepEqual(log.slice(2), ['c ends', 'a ends', 'b begins', 'b ends']);
});

test('names are not kept when their works are done, since clients choose them', async () => {
  const turns = new Turns();
  const busy = work([], 'm');
  const going = turns.take('m', busy.run);
  for (let name = 0; name < 1000; name++) await turns.take(`n${name}`, async () => {});
  const failing = turns.take('broken', () => Promise.reject(new Error('broken')));
  await assert.rejects(failing, /broken/);
  await turn();
  assert.equal(turns.names, 1);
  busy.end();
  await going;
  await turn();
  assert.equal(turns.names, 0);
});

test('a work that fails fails for whoever asked, and the next one runs', async () => {
  const turns = new Turns();
  const first = turns.take('m', () => Promise.reject(new Error('broken')));
  const second = turns.take('m', async () => {});
  await assert.rejects(first, /broken/);
  await second;
});

test('more works than there is room for are refused, and there is room again when one ends', async () => {
  const turns = new Turns();
  const { run, end } = work([], 'a');
  const taken = Array.from({ length: 32 }, (_, index) => turns.take(String(index), run));
  await assert.rejects(turns.take('m', run), { code: 'overloaded' });
  end();
  await Promise.all(taken);
  await turns.take('m', run);
});

test('at the end who waits is let go, and nothing more begins', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const [a, b] = [work(log, 'a'), work(log, 'b')];
  const waiting = [turns.take('m', a.run), turns.take('m', b.run)];
  await turn();
  turns.end();
  for (const one of waiting) await assert.rejects(one, { code: 'draining' });
  await assert.rejects(turns.take('m', a.run), { code: 'draining' });
  a.end();
  await turn();
  assert.deepEqual(log, ['a begins', 'a ends']);
});
