import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { systemClock, systemRandom } from '#base';
import { FollowedTracing } from './followed-tracing.ts';

/** A collector that takes its time. */
async function collector(t: TestContext, ms: number): Promise<{ endpoint: string; taken: () => number }> {
  let taken = 0;
  const take = async (response: ServerResponse): Promise<void> => {
    await setTimeout(ms);
    taken++;
    response.end();
  };
  const server = createServer((request, response) => {
    request.resume();
    void take(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/v1/traces`, taken: () => taken };
}

const settings = { sample: 1, parentBased: true, resource: { 'service.name': 'test' } };

function followed() {
  const logger = { enabled: () => true, log: () => undefined };
  const tracing = new FollowedTracing({ clock: systemClock, random: systemRandom, logger });
  const record = (): void => {
    const context = tracing.begin(undefined);
    assert.ok(context);
    const moments = { begun: 0, ended: 1 };
    const span = {
      context,
      parent: undefined,
      name: 'x',
      kind: 'server',
      attributes: {},
      ...moments,
    } as const;
    tracing.record([span]);
  };
  return { tracing, record };
}

test('spans of settings that hold no more arrive still, also when it is closed meanwhile', async t => {
  const [old, next] = [await collector(t, 200), await collector(t, 0)];
  const { tracing, record } = followed();
  tracing.follow({ ...settings, endpoint: old.endpoint });
  record();
  tracing.follow({ ...settings, endpoint: next.endpoint });
  record();
  await tracing.close(5000);
  assert.deepEqual([old.taken(), next.taken()], [1, 1]);
  assert.equal(tracing.told.sent, 2);
});

test('what was counted stays counted when the settings change', async t => {
  const { endpoint } = await collector(t, 200);
  const { tracing, record } = followed();
  tracing.follow({ ...settings, endpoint });
  for (let span = 0; span < 5000; span++) record();
  const { dropped } = tracing.told;
  assert.ok(dropped > 0);
  tracing.follow(undefined);
  assert.equal(tracing.told.dropped, dropped);
  await tracing.close(0);
});
