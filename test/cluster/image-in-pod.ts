/**
 * Images that fairlead built, in pods that may do nothing: read-only, no user of the system, no rights. From the file of a
 * service to the first answer, for a model of ONNX and for one of scikit-learn; and what a new version of a model uploads.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, until } from '../programs/fairlead.ts';
import { type Baked, bakedPod, restrictedNamespace } from './baked-pod.ts';
import { type Build, buildImage } from './image.ts';
import { Cluster } from './kubectl.ts';
import { type Surroundings, surroundings } from './surroundings.ts';

const SECONDS = 120;

interface Case {
  readonly example: string;
  readonly flags: readonly string[];
  readonly model: string;
  readonly writable: readonly string[];
}

/** The exit code. */
export async function imageInPod(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-image-${suffix}`);
  const cache = join('/var/tmp', `fairlead-images-${suffix}`);
  try {
    await cluster.apply(restrictedNamespace(cluster.namespace));
    const build: Build = { around, cache, repository: `fairlead-test/${suffix}` };
    await firstAnswer(cluster, build, {
      example: 'digits',
      flags: ['--base', `${around.registry}/${around.baseImage}`],
      model: 'digits',
      writable: [],
    });
    await newVersion(build);
    await firstAnswer(cluster, build, sklearn(around));
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    rmSync(cache, { recursive: true, force: true });
  }
  return 0;
}

function sklearn({ registry, baseImage, pythonImage }: Surroundings): Case {
  return {
    example: 'sklearn',
    flags: ['--base', `${registry}/${pythonImage}`, '--node', `${registry}/${baseImage}`],
    model: 'iris',
    // Python's processes are reached by sockets there.
    writable: ['/tmp'],
  };
}

async function firstAnswer(cluster: Cluster, build: Build, one: Case): Promise<void> {
  const { example, flags, model, writable } = one;
  const since = performance.now();
  const folder = join(root, 'examples', example);
  const made = buildImage(build, [folder, ...flags], `${example}:1`);
  const builtAt = performance.now();
  const pod: Baked = { name: example, image: made.name, writable };
  await cluster.apply(bakedPod(pod));
  await ready(cluster, example);
  const request = readFileSync(join(folder, 'request.json'), 'utf8');
  const answer = (await cluster.ask(example, `/models/${model}/predict`, request)) as {
    predictions: unknown[];
  };
  const endedAt = performance.now();
  assert.ok(answer.predictions.length > 0);
  const about = JSON.stringify(await cluster.ask(example, `/v2/models/${model}`));
  assert.ok(
    made.models.some(digest => about.includes(digest)),
    `${about} tells the digest that was baked in`,
  );
  const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
  process.stdout.write(
    `${example}: a restricted pod with a read-only root answers ${seconds(since, endedAt)} s after \`image build\` began ` +
      `(${seconds(since, builtAt)} s to build and push ${made.uploaded} bytes, ${seconds(builtAt, endedAt)} s to pull, start and answer)\n`,
  );
}

/** The candidate of the example is the same service with another model. */
async function newVersion(build: Build): Promise<void> {
  const { around } = build;
  const flags = ['--candidate', '--base', `${around.registry}/${around.baseImage}`];
  const made = buildImage(build, [join(root, 'examples/digits'), ...flags], 'digits:2');
  assert.ok(made.uploaded < 1_000_000, `${made.uploaded} bytes were uploaded for a new version of a model`);
  process.stdout.write(`a new version of the model uploads ${made.uploaded} bytes\n`);
}

async function ready(cluster: Cluster, app: string): Promise<void> {
  const isReady = async (): Promise<boolean> => (await cluster.pods(app)).some(pod => pod.isReady);
  await until(isReady, SECONDS).catch(async (error: unknown) => {
    process.stderr.write(
      `${await cluster.logs(app, 'serve')}\n${await cluster.run(['describe', 'pod', app])}\n`,
    );
    throw error;
  });
}
