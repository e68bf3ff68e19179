import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Logger, systemClock } from '#base';
import { Outbox, type OutboxOptions, Refused } from './outbox.ts';

function outbox(options: Partial<OutboxOptions<number>>) {
  const lines: string[] = [];
  const logger: Logger = { enabled: () => true, log: (_, message) => void lines.push(message) };
  const made = new Outbox<number>({
    to: 'a test',
    most: { items: 4, bytes: 100 },
    batch: 2,
    gatherMs: 0,
    lanes: 1,
    sendMs: 1000,
    tries: 1,
    send: async () => undefined,
    logger,
    clock: systemClock,
    ...options,
  });
  return { made, lines };
}

test('what is offered arrives in batches, in its order', async () => {
  const batches: (readonly number[])[] = [];
  const { made } = outbox({ send: async batch => void batches.push(batch) });
  for (const one of [1, 2, 3]) made.offer(one);
  await made.close(1000);
  assert.deepEqual(batches, [[1, 2], [3]]);
  assert.deepEqual(made.told, { sent: 3, dropped: 0, failed: 0 });
});

test('behind a sink that hangs no more waits than may, in number and in bytes, and nobody is kept waiting', async () => {
  const { made } = outbox({ send: () => new Promise(() => undefined) });
  for (let one = 0; one < 1000; one++) made.offer(one);
  assert.deepEqual(made.told, { sent: 0, dropped: 996, failed: 0 });
  const { made: heavy } = outbox({ send: () => new Promise(() => undefined) });
  for (let one = 0; one < 1000; one++) heavy.offer(one, 60);
  assert.equal(heavy.told.dropped, 999);
  await Promise.all([made.close(1), heavy.close(1)]);
  assert.equal(made.told.dropped + made.told.failed, 1000);
  made.offer(1);
  assert.equal(made.told.dropped + made.told.failed, 1001);
});

test('a batch that is late is given up, and the next one is sent', async () => {
  const sent: number[] = [];
  const { made, lines } = outbox({
    sendMs: 5,
    send: async ([first = 0]) => {
      if (first === 1) await new Promise(() => undefined);
      sent.push(first);
    },
  });
  for (const one of [1, 2, 3]) made.offer(one);
  while (made.told.failed === 0) await setImmediate();
  await made.close(1000);
  assert.deepEqual([sent, made.told], [[3], { sent: 1, dropped: 0, failed: 2 }]);
  assert.deepEqual(lines, ['telemetry does not arrive', 'telemetry arrives again']);
});

test('what failed is tried again as often as it may, unless a second try would not mend it', async () => {
  for (const [error, tried] of [
    [new Error('busy'), 2],
    [new Refused('no'), 1],
  ] as const) {
    let tries = 0;
    const failed = Promise.withResolvers<void>();
    const { made } = outbox({
      tries: 2,
      async send() {
        if (++tries === tried) failed.resolve();
        throw error;
      },
    });
    made.offer(1);
    await failed.promise;
    await made.close(1000);
    assert.deepEqual([tries, made.told], [tried, { sent: 0, dropped: 0, failed: 1 }]);
  }
});

test('a sink that is down for long is complained of once', async () => {
  let now = 0;
  const { made, lines } = outbox({
    batch: 1,
    most: { items: 100, bytes: 0 },
    lanes: 8,
    clock: { now: () => now++, date: () => new Date() },
    send: async () => {
      throw new Error('down');
    },
  });
  for (let one = 0; one < 50; one++) made.offer(one);
  await made.close(1000);
  assert.deepEqual([made.told.failed, lines], [50, ['telemetry does not arrive']]);
});
