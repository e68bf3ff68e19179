/** As many pods as are needed: from two up under load, to ten at most, and back down. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, until } from '../programs/fairlead.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { buildImage } from './image.ts';
import { Cluster } from './kubectl.ts';
import { underLoad } from './open-loop.ts';
import { Service } from './service.ts';
import { surroundings } from './surroundings.ts';

const SECONDS = 240;
const isQuick = process.argv.includes('--quick');
const LOAD = { perSecond: 300, least: 0 };

/** The exit code. */
export async function scaledInPods(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-scaled-${suffix}`);
  const cache = join('/var/tmp', `fairlead-scaled-${suffix}`);
  const service = new Service('digits', cluster, around.kubeconfig);
  try {
    const base = ['--base', `${around.registry}/${around.baseImage}`];
    const { name: image } = buildImage(
      { around, cache, repository: `fairlead-test/${suffix}` },
      [join(root, 'examples/digits'), ...base],
      'digits:1',
    );
    await cluster.apply(restrictedNamespace(cluster.namespace));
    await service.apply({
      model: { uri: join(root, 'examples/digits/models/digits/1') },
      image,
      // Of so few cores a small load is already much; the windows are those of a test.
      resources: { cpu: '15m', memory: '256Mi' },
      scaling: { min: 2, max: 10, cpu: 70, down: { window: '15s' } },
    });
    await followsLoad(service, cluster);
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    await service.remove();
    rmSync(cache, { recursive: true, force: true });
  }
  return 0;
}

async function followsLoad(service: Service, cluster: Cluster): Promise<void> {
  const target = {
    url: `${await service.url()}/models/digits/predict`,
    body: readFileSync(join(root, 'examples/digits/request.json'), 'utf8'),
  };
  let most = 0;
  const count = async (): Promise<number> => {
    const pods = (await cluster.pods('digits')).filter(({ isReady }) => isReady).length;
    most = Math.max(most, pods);
    return pods;
  };
  await until(async () => (await count()) === 2, SECONDS);
  const tally = await underLoad(target, LOAD, () => until(async () => (await count()) >= 6, SECONDS));
  const up = most;
  // It goes down by a quarter a minute.
  await until(async () => (await count()) <= (isQuick ? most - 1 : 2), SECONDS);
  const down = await count();
  process.stdout.write(
    `2 pods, ${up} under ${LOAD.perSecond} requests a second for ${tally.seconds.toFixed(0)} s (at most ${most} of 10), ${down} after it; ` +
      `${tally.sent - tally.answered} of ${tally.sent} failed\n`,
  );
  assert.ok(most <= 10);
}
