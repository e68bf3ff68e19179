import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { Attempts, Silence, TooMuch } from './attempts.ts';

const attempts = (connections = 1): Attempts =>
  new Attempts({ patienceMs: 1000, connections }, error => error);
const never = new AbortController().signal;

/** Lets all that waits for nothing else go on. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

function clock(t: TestContext): (ms: number) => void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return ms => t.mock.timers.tick(ms);
}

test('an answer that does not come is given up, and its turn is another one', async t => {
  const tick = clock(t);
  const all = attempts();
  const waiting = all.ask(never, () => new Promise(() => {}));
  const next = all.ask(never, async () => 'next');
  await settled();
  tick(1000);
  await assert.rejects(waiting, Silence);
  assert.equal(await next, 'next');
});

test('the time that a reader takes is not the time that bytes take', async t => {
  const tick = clock(t);
  const body = new PassThrough();
  const bytes = await attempts().stream(never, async () => body, 10);
  const chunks = bytes[Symbol.asyncIterator]();
  body.write('a');
  assert.equal((await chunks.next()).value?.toString(), 'a');
  tick(5000);
  body.write('b');
  assert.equal((await chunks.next()).value?.toString(), 'b');
  const last = chunks.next();
  await settled();
  tick(999);
  body.write('c');
  assert.equal((await last).value?.toString(), 'c');
  const none = chunks.next();
  none.catch(() => {});
  await settled();
  tick(1000);
  await assert.rejects(none, Silence);
  assert.ok(body.destroyed);
});

test('more bytes than were asked for end it', async () => {
  const body = new PassThrough();
  body.end('abcdef');
  const bytes = await attempts().stream(never, async () => body, 5);
  await assert.rejects(bytes[Symbol.asyncIterator]().next(), TooMuch);
  assert.ok(body.destroyed);
});

test('no more run at once than may, in the order they came', async () => {
  const all = attempts(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const runs = [0, 1, 2, 3].map(number =>
    all.ask(never, () => {
      begun.push(number);
      return new Promise<void>(resolve => ends.push(resolve));
    }),
  );
  await settled();
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.();
  await settled();
  assert.deepEqual(begun, [0, 1, 2]);
  ends[0]?.();
  await settled();
  ends[2]?.();
  ends[3]?.();
  await Promise.all(runs);
  assert.deepEqual(begun, [0, 1, 2, 3]);
});

test('who gives up while waiting for a turn leaves the queue', async () => {
  const all = attempts(1);
  let end = (): void => {};
  const first = all.ask(never, () => new Promise<void>(resolve => (end = resolve)));
  const giveUp = new AbortController();
  const second = all.ask(giveUp.signal, async () => assert.fail('it ran'));
  const third = all.ask(never, async () => 'third');
  await settled();
  giveUp.abort(new Error('enough'));
  await assert.rejects(second, /enough/);
  end();
  await first;
  assert.equal(await third, 'third');
});

test('what comes after it was given up is closed', async () => {
  const giveUp = new AbortController();
  const body = new PassThrough();
  let arrive: ((body: PassThrough) => void) | undefined;
  const stream = attempts().stream(
    giveUp.signal,
    () => new Promise<PassThrough>(resolve => (arrive = resolve)),
    5,
  );
  await settled();
  giveUp.abort(new Error('enough'));
  await assert.rejects(stream, /enough/);
  arrive?.(body);
  await settled();
  assert.ok(body.destroyed);
});

test('a stream that nobody reads is closed with its signal, and its turn is another one', async () => {
  const all = attempts(1);
  const giveUp = new AbortController();
  const body = new PassThrough();
  await all.stream(giveUp.signal, async () => body, 5);
  const next = all.ask(never, async () => 'next');
  giveUp.abort(new Error('enough'));
  assert.equal(await next, 'next');
  assert.ok(body.destroyed);
});
