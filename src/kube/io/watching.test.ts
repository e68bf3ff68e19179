import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { failure } from '#base';
import type { WatchEvent } from '../cluster.ts';
import type { LiveObject } from '../kube-object.ts';
import { watching } from './watching.ts';

const object = (name: string, resourceVersion: string): LiveObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, resourceVersion },
});
const line = (type: string, what: object): string => `${JSON.stringify({ type, object: what })}\n`;

/** What one connection says: its parts, and then its end; undefined for one that is left open and says nothing. */
type Said = readonly string[] | undefined;

/** Listens to connections that say this, one after the other, until so many events have come. */
async function heard(connections: readonly (Said | Error)[], count: number, quietMs = 60_000) {
  const ended = new AbortController();
  const versions: string[] = [];
  const pauses: number[] = [];
  let lists = 0;
  const events = watching({
    signal: ended.signal,
    list: () => Promise.resolve({ objects: [object('a', '5')], version: String(100 * ++lists) }),
    open: (version, _seconds, signal) => {
      const next = connections[versions.length];
      versions.push(version);
      if (next instanceof Error) return Promise.reject(next);
      const stream = new PassThrough({ signal });
      stream.on('error', () => undefined);
      for (const part of next ?? []) stream.write(part);
      if (next !== undefined) stream.end();
      return Promise.resolve(stream as unknown as IncomingMessage);
    },
    times: { lastsSeconds: 290, quietMs, pause: async ms => void pauses.push(ms) },
  });
  const found: WatchEvent[] = [];
  for await (const event of events) if (found.push(event) === count) break;
  ended.abort();
  return { found: found.map(textOf), versions, pauses };
}

function textOf(event: WatchEvent): string {
  return event.kind === 'all' ? `all ${event.objects.length}` : `${event.kind} ${event.object.metadata.name}`;
}

test('what there is comes first, and then what changes', async () => {
  const said = [
    line('ADDED', object('b', '101')),
    line('MODIFIED', object('b', '102')) + line('DELETED', object('b', '103')),
  ];
  const { found } = await heard([said], 4);
  assert.deepEqual(found, ['all 1', 'changed b', 'changed b', 'gone b']);
});

test('an event may come in pieces', async () => {
  const whole = line('ADDED', object('größe', '101'));
  const { found } = await heard([[whole.slice(0, 20), whole.slice(20)]], 2);
  assert.deepEqual(found, ['all 1', 'changed größe']);
});

test('a connection that ends is followed by one from where it was, bookmarks counted', async () => {
  const first = [line('ADDED', object('b', '101')), line('BOOKMARK', object('', '150'))];
  const { found, versions } = await heard([first, [line('ADDED', object('c', '160'))]], 3);
  assert.deepEqual(found, ['all 1', 'changed b', 'changed c']);
  assert.deepEqual(versions, ['100', '150']);
});

test('a version that the server has forgotten is answered with all there is', async () => {
  const { found, versions } = await heard(
    [
      [line('ERROR', { code: 410, message: 'too old resource version' })],
      [line('ADDED', object('c', '201'))],
    ],
    3,
  );
  assert.deepEqual(found, ['all 1', 'all 1', 'changed c']);
  assert.deepEqual(versions, ['100', '200']);
});

test('connections that say nothing are made again with growing pauses, until something is said', async () => {
  const { pauses } = await heard(
    [[], [], [], [line('ADDED', object('b', '101'))], [], [line('ADDED', object('c', '102'))]],
    3,
  );
  assert.deepEqual(pauses, [500, 1000, 2000, 500, 1000]);
});

test('a connection that is silent for longer than bookmarks take is given up', async () => {
  const { found } = await heard([undefined, [line('ADDED', object('b', '201'))]], 3, 20);
  assert.deepEqual(found, ['all 1', 'all 1', 'changed b']);
});

test('a refusal that stays one ends it', async () => {
  const refused = failure('cluster_refused', { subject: 'Pod', status: 403, problem: 'forbidden' });
  await assert.rejects(heard([refused], 2), { code: 'cluster_refused' });
});

test('who listens no more leaves no connection open', async () => {
  const stream = new PassThrough();
  const events = watching({
    signal: new AbortController().signal,
    list: () => Promise.resolve({ objects: [], version: '1' }),
    open: (_version, _seconds, signal) => {
      signal.addEventListener('abort', () => stream.destroy());
      stream.write(line('ADDED', object('b', '2')));
      return Promise.resolve(stream as unknown as IncomingMessage);
    },
  });
  for await (const event of events) if (event.kind === 'changed') break;
  assert.ok(stream.destroyed);
});
