/** The statistics extension: what every model has counted since it was loaded. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import { modelPath, type Peer, read } from '../peer.ts';
import { pair } from '../tensors.ts';

interface Duration {
  readonly count: number;
  readonly ns: number;
}

interface Statistics {
  readonly name: string;
  readonly version: string;
  readonly inference_stats: Readonly<Record<'success' | 'fail' | 'queue' | 'compute_infer', Duration>>;
}

const S = modelPath('S');

async function statistics(peer: Peer, path = `${S}/stats`): Promise<readonly Statistics[]> {
  return (read(await peer.good({ path })) as { model_stats: Statistics[] }).model_stats;
}

async function ofS(peer: Peer): Promise<Statistics['inference_stats']> {
  const [first] = await statistics(peer);
  assert(first !== undefined, 'model_stats is empty');
  return first.inference_stats;
}

export const statisticsCases: readonly Case[] = [
  {
    id: 98,
    title: 'statistics of all models, of one, and of one version',
    needs: ['S'],
    run: peer =>
      every({
        all: async () => assert((await statistics(peer, '/v2/models/stats')).length > 0),
        'one model': async () => assert.equal((await statistics(peer)).length, 1),
        'one version': async () => {
          const [only] = await statistics(peer, `${S}/versions/1/stats`);
          assert.equal(only?.version, '1');
        },
        'an unknown model': async () =>
          void (await peer.refuse({ path: '/v2/models/nope/stats' }, [400, 404])),
      }),
  },
  {
    id: 99,
    title: 'each success and each failure is counted, and time only grows',
    needs: ['S'],
    run: async peer => {
      const before = await ofS(peer);
      for (let index = 0; index < 3; index++) await peer.infer('S', { inputs: pair() });
      for (let index = 0; index < 2; index++) await peer.refuse(peer.request('S', { inputs: [] }), 400);
      const after = await ofS(peer);
      const counted = (name: 'success' | 'fail' | 'queue'): number => after[name].count - before[name].count;
      assert.deepEqual(
        { success: counted('success'), fail: counted('fail'), queue: counted('queue') },
        // Triton counts as failed what its model was asked, and not what it refused before.
        { success: 3, fail: peer.triton ? 0 : 2, queue: 3 },
      );
      assert(after.success.ns > before.success.ns, 'success.ns does not grow');
      assert(after.compute_infer.ns > before.compute_infer.ns, 'compute_infer.ns does not grow');
    },
  },
];
