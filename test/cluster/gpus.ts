/**
 * Cards on a cluster, simulated by a device plugin that has none: what pods of each way to share ask for is what the scheduler
 * gives away, and the one pod too many waits and is told why.
 *
 * `FAIRLEAD_TEST_GPUS` names a program with `gpu up COUNT RESOURCE [LABEL=VALUE…] [-replicas=N]` and `gpu down RESOURCE`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Unavailable } from '../differential/peers/python.ts';
import { until } from '../programs/fairlead.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { devicesInPods } from './devices.ts';
import { askingPod } from './gpu-pod.ts';
import { Cluster } from './kubectl.ts';
import { phases, unscheduled } from './scheduled.ts';

const SECONDS = 60;
const PRODUCT = 'NVIDIA-A100-SXM4-80GB';
const CONFIG = 'nvidia.com/device-plugin.config';

/** A kind of card that a node has, and pods that want it. */
interface Case {
  readonly title: string;
  readonly resource: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of each card, where it is shared. */
  readonly replicas?: number;
  /** `spec.resources.gpu`. */
  readonly gpu: object;
}

const cases: readonly Case[] = [
  {
    title: 'a whole card',
    resource: 'nvidia.com/gpu',
    labels: { 'nvidia.com/gpu.product': PRODUCT },
    gpu: { count: 1, product: PRODUCT },
  },
  {
    title: 'a time slice',
    resource: 'nvidia.com/gpu.shared',
    labels: { [CONFIG]: 'ts4' },
    replicas: 4,
    gpu: { share: { timeSlicing: { replicas: 4 } } },
  },
  {
    title: 'a share of MPS',
    resource: 'nvidia.com/gpu.shared',
    labels: { [CONFIG]: 'mps2' },
    replicas: 2,
    gpu: { share: { mps: { replicas: 2 } } },
  },
  {
    title: 'a part of a card',
    resource: 'nvidia.com/mig-1g.10gb.me',
    labels: { 'nvidia.com/mig-1g.10gb.me.product': `${PRODUCT}-MIG-1g.10gb.me` },
    gpu: { share: { mig: { profile: '1g.10gb+me' } }, product: PRODUCT },
  },
];

interface Around {
  readonly kubeconfig: string;
  readonly image: string;
  readonly program: string;
}

/** The exit code. */
export async function gpusInPods(): Promise<number> {
  const around = aroundOf(process.env);
  const cluster = new Cluster(around.kubeconfig, `fairlead-gpus-${randomBytes(4).toString('hex')}`);
  try {
    await cluster.apply(restrictedNamespace(cluster.namespace));
    for (const one of cases) await given(cluster, around, one);
    await devicesInPods(cluster, around.image);
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
  }
  return 0;
}

function aroundOf(environment: NodeJS.ProcessEnv): Around {
  const must = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Unavailable(`${name} is not set`);
    return value;
  };
  const base = environment['FAIRLEAD_TEST_BASE_IMAGE'] ?? 'library/node:24-bookworm-slim';
  return {
    program: must('FAIRLEAD_TEST_GPUS'),
    kubeconfig: must('FAIRLEAD_TEST_KUBECONFIG'),
    image: `${must('FAIRLEAD_TEST_REGISTRY')}/${base}`,
  };
}

/** As many pods run as there are shares of the one card, and the next one waits. */
async function given(cluster: Cluster, { program, image }: Around, one: Case): Promise<void> {
  const { title, resource, labels, replicas = 1, gpu } = one;
  const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const shares = replicas === 1 ? [] : [`-replicas=${replicas}`];
  try {
    simulate(program, ['up', '1', resource, ...words, ...shares]);
    for (let at = 0; at < replicas; at += 1)
      await cluster.apply(askingPod({ name: `pod-${at}`, image, gpu }));
    await until(async () => (await phases(cluster)).every(phase => phase === 'Running'), SECONDS);
    await cluster.apply(askingPod({ name: 'one-more', image, gpu }));
    const why = await unscheduled(cluster, 'one-more');
    assert.ok(why.includes(`Insufficient ${resource}`), why);
    say(`${title}: ${replicas} of ${replicas} pods run, and one more waits: ${why}`);
  } finally {
    await cluster.run(['delete', 'pods', '--all', '--wait=true']);
    simulate(program, ['down', resource]);
    const keys = Object.keys(labels).map(key => `${key}-`);
    await cluster.run(['label', 'nodes', '--all', ...keys]);
  }
}

function simulate(program: string, words: readonly string[]): void {
  execFileSync(program, ['gpu', ...words], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
