/** The model repository: what it has, and loading and unloading while others are served. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Case, every } from '../case.ts';
import { fixtures, unservable } from '../fixtures.ts';
import { type Answer, sendRaw } from '../http.ts';
import { controlled, putVersion } from '../own.ts';
import { errorOf, modelPath, type Peer, read } from '../peer.ts';
import { runToEnd } from '../server.ts';
import { pair } from '../tensors.ts';
import { type Json, verbatim } from '../text.ts';
import { keepBusy, work } from './batching.ts';

interface Entry {
  readonly name: string;
  readonly version?: string;
  readonly state?: string;
}

const INDEX = '/v2/repository/index';
const MODEL = '/v2/repository/models';

function load(peer: Peer, name: string, body: Json = verbatim('')): Promise<Answer> {
  return peer.post(`${MODEL}/${name}/load`, body);
}

async function loaded(peer: Peer, name: string): Promise<void> {
  const { status, body } = await load(peer, name);
  assert.equal(status, 200, `load ${name}: ${body.toString()}`);
}

async function unloaded(peer: Peer, name: string): Promise<void> {
  const { status, body } = await peer.post(`${MODEL}/${name}/unload`, verbatim(''));
  assert.equal(status, 200, `unload ${name}: ${body.toString()}`);
}

/** Loads S, with a file or a configuration that it must refuse. */
function badLoad(peer: Peer, parameters: Json, also: readonly number[] = []): () => Promise<void> {
  return async () => peer.refused(await load(peer, fixtures.S.name, { parameters }), [400, ...also]);
}

const everything = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();

export const repository: readonly Case[] = [
  {
    id: 92,
    title: 'the index of models, also for a request without body and length',
    needs: ['S'],
    run: peer =>
      every({
        'nothing at all': async () => {
          const text = await sendRaw(
            peer.place.http,
            `POST ${INDEX} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
          );
          assert.match(text, /^HTTP\/1\.1 200 /);
        },
        all: async () => {
          const index = read(await peer.good({ method: 'POST', path: INDEX })) as Entry[];
          assert(Array.isArray(index));
          const found = index.find(({ name }) => name === fixtures.S.name);
          assert.deepEqual([found?.version, found?.state], ['1', 'READY']);
        },
        ready: async () => {
          const index = read(
            await peer.good({ method: 'POST', path: INDEX, body: '{"ready":true}' }),
          ) as Entry[];
          assert(index.length > 0 && index.every(({ state }) => state === 'READY'));
        },
        'ready: 1': async () => peer.refused(await peer.post(INDEX, { ready: 1 }), 400, { triton: 500 }),
        'a deep value': async () =>
          peer.refused(await peer.post(INDEX, verbatim('['.repeat(250_000))), 400, { triton: 500 }),
      }),
  },
  {
    id: 93,
    title: 'a model is loaded, ready, unloaded, and gone',
    needs: ['own'],
    run: async peer => {
      const { peer: own } = await controlled(peer, [fixtures.S]);
      await loaded(own, fixtures.S.name);
      await own.good({ path: `${modelPath('S')}/ready` });
      await own.infer('S', { inputs: pair() });
      await unloaded(own, fixtures.S.name);
      assert.notEqual((await own.get(`${modelPath('S')}/ready`)).status, 200);
      await own.refuse(own.request('S', { inputs: pair() }), 404);
    },
  },
  {
    id: 94,
    title: 'what is no model in the repository is not loaded',
    needs: ['own'],
    run: async peer => {
      const { peer: own } = await controlled(peer, [fixtures.S]);
      const refuse =
        (name: string, statuses: number[], says = /./) =>
        async () =>
          own.refused(await load(own, name), statuses, { says });
      return every({
        nope: refuse('nope', [400, 404, 500], /failed to load/),
        '../etc': refuse('..%2Fetc', [400]),
        empty: refuse('', [400, 404]),
        blank: refuse('%20', [400]),
      });
    },
  },
  {
    id: 95,
    title:
      'files outside the model, bad base64 and a configuration that is no JSON are refused; nothing is written',
    needs: ['own'],
    run: async peer => {
      const { peer: own, folder } = await controlled(peer, [fixtures.S]);
      const before = everything(join(folder, '..'));
      const config = '{"backend":"onnxruntime"}';
      return every({
        'a path up': badLoad(own, { config, 'file:1/../../x': 'aGVsbG8=' }),
        'bad base64': badLoad(own, { config, 'file:1/model.onnx': '@@@@' }),
        'config no JSON': badLoad(own, { config: '{' }),
        'nothing is written': async () => assert.deepEqual(everything(join(folder, '..')), before),
      });
    },
  },
  {
    id: 96,
    title: 'a new version takes over under load and not one request fails',
    needs: ['own'],
    run: async peer => {
      const control = await controlled(peer, [fixtures.S]);
      const { peer: own } = control;
      const versions: string[] = [];
      const asking = ask(own, versions, 60);
      await setTimeout(200);
      putVersion(control, fixtures.S.name, '2', fixtures.S.bytes);
      await loaded(own, fixtures.S.name);
      await asking;
      assert.deepEqual(versions, versions.toSorted(), 'a version came back after a later one');
      assert.deepEqual([versions[0], versions.at(-1)], ['1', '2']);
    },
  },
  {
    id: 97,
    title: 'what runs while its model is unloaded is answered, and nothing after',
    needs: ['own'],
    run: async peer => {
      const { peer: own } = await controlled(peer, [fixtures.slow]);
      const busy = await keepBusy(own, 'one');
      await unloaded(own, fixtures.slow.name);
      assert.deepEqual(new Set(await busy.statuses), new Set(['200']));
      await own.refuse(own.request('slow', work(8)), [404, 503]);
    },
  },
  {
    id: 141,
    title: 'a model of a type that cannot be served is refused with a sentence, and the process survives',
    needs: ['own'],
    run: async peer => {
      const control = await controlled(peer, [fixtures.S]);
      const { name } = fixtures.S;
      const parts = Object.entries(unservable).map(([type, bytes]) => {
        const part = async (): Promise<void> => {
          putVersion(control, name, '2', bytes);
          await refusedByRequest(control.peer, name);
        };
        return [`${type} by request`, part] as const;
      });
      return every({
        ...Object.fromEntries(parts),
        // The last of them lies there now.
        'at start': () => refusedAtStart(join(control.folder, name, '2')),
      });
    },
  },
];

/** Asks S about 100 times a second, so many times, and notes the version of each answer. */
async function ask(peer: Peer, versions: string[], times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    const { model_version = '' } = await peer.infer('S', { inputs: pair() });
    versions.push(model_version);
    await setTimeout(10);
  }
}

async function refusedAtStart(model: string): Promise<void> {
  const { code, signal, stderr } = await runToEnd(['serve', model, '--port', '0']);
  assert.equal(signal, null, 'it was killed');
  assert(code !== null && code > 0 && code < 10, `exit ${code}`);
  assert.match(stderr, /cannot be served|not supported|unsupported/i);
}

async function refusedByRequest(peer: Peer, name: string): Promise<void> {
  const answer = await load(peer, name);
  assert(answer.status >= 400 && answer.status !== 404, `load is ${answer.status}`);
  assert.notEqual(errorOf(answer), undefined);
  assert.equal((await peer.get('/v2/health/live')).status, 200);
}
