/** What a server and its models say of themselves. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import { fixtures } from '../fixtures.ts';
import { modelPath, read } from '../peer.ts';

interface ServerText {
  readonly name: unknown;
  readonly version: unknown;
  readonly extensions: readonly unknown[];
}

interface ModelText {
  readonly name: string;
  readonly platform: unknown;
  readonly versions: readonly unknown[];
  readonly inputs: readonly { readonly name: string; readonly datatype: string; readonly shape: number[] }[];
  readonly outputs: readonly { readonly name: string }[];
}

const S = modelPath('S');
const QUERY = '?test_1=1&test_2=2';

export const metadata: readonly Case[] = [
  {
    id: 1,
    title: 'GET /v2 tells name, version and extensions',
    run: async peer => {
      const { name, version, extensions } = read(await peer.good({ path: '/v2' })) as ServerText;
      assert.deepEqual([typeof name, typeof version], ['string', 'string']);
      assert(Array.isArray(extensions) && extensions.every(one => typeof one === 'string'));
    },
  },
  {
    id: 2,
    title: 'GET /v2/ tells the same',
    run: async peer => {
      const answer = await peer.get('/v2/');
      if (peer.triton && answer.status === 404) return;
      assert.deepEqual(read(answer), read(await peer.get('/v2')));
    },
  },
  {
    id: 3,
    title: 'live and ready are 200, with a query too',
    run: async peer => {
      for (const path of ['/v2/health/live', '/v2/health/ready', '/v2']) {
        await peer.good({ path });
        await peer.good({ path: path + QUERY });
      }
    },
  },
  {
    id: 4,
    title: 'while a model loads the server is live and not ready',
    needs: ['own'],
    run: async peer => {
      const loading = await peer.start({ ready: false });
      const ready = await loading.get('/v2/health/ready');
      const live = await loading.get('/v2/health/live');
      assert([400, 503].includes(ready.status), `ready is ${ready.status} while loading`);
      assert.equal(live.status, 200);
    },
  },
  {
    id: 5,
    title: 'a model and its version are ready',
    needs: ['S'],
    run: async peer => {
      await peer.good({ path: `${S}/ready` });
      await peer.good({ path: `${S}/versions/1/ready` });
    },
  },
  {
    id: 6,
    title: 'an unknown model is not ready: 404',
    run: async peer => {
      const { status } = await peer.get('/v2/models/nope/ready');
      assert(status === 404 || (peer.triton && status === 400), `404 is expected, not ${status}`);
    },
  },
  {
    id: 7,
    title: "a model's metadata: free sizes as -1, versions as strings",
    needs: ['S'],
    run: async peer => {
      const { name, platform, versions, inputs, outputs } = read(await peer.good({ path: S })) as ModelText;
      assert.deepEqual([name, typeof platform, versions], [fixtures.S.name, 'string', ['1']]);
      const expected = ['INPUT0', 'INPUT1'].map(one => ({ name: one, datatype: 'INT32', shape: [-1, 16] }));
      assert.deepEqual(inputs, expected);
      assert.deepEqual(
        outputs.map(output => output.name),
        ['OUTPUT0', 'OUTPUT1'],
      );
    },
  },
  {
    id: 8,
    title: 'an unknown model is 404',
    run: async peer => {
      const says = /Request for unknown model: 'nope' is not found/;
      await peer.refuse({ path: '/v2/models/nope' }, 404, says);
    },
  },
  {
    id: 9,
    title: 'an unknown version is 404',
    needs: ['S'],
    run: async peer => void (await peer.refuse({ path: `${S}/versions/99` }, 404, /version 99 is not found/)),
  },
  {
    id: 10,
    title: 'a version that is no number is 404',
    needs: ['S'],
    run: async peer => assert.equal((await peer.get(`${S}/versions/abc`)).status, 404),
  },
  {
    id: 11,
    title: 'a version below zero, or beyond 64 bits, is 404',
    needs: ['S'],
    run: peer =>
      every({
        '-1': async () => assert.equal((await peer.get(`${S}/versions/-1`)).status, 404),
        '99999999999999999999': async () =>
          void (await peer.refuse({ path: `${S}/versions/99999999999999999999` }, 404, /./, { triton: 400 })),
      }),
  },
  {
    id: 12,
    title: 'an unknown path is 404',
    run: async peer => void (await peer.refuse({ path: '/v2/nothing' }, 404)),
  },
];
