/**
 * A model from a store in pods: pulled by an init container into a cache that the pods of a node share, and served from there.
 * A second replica downloads nothing, a restart needs no store, and a wrong digest is not served.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type CountingProxy, countingProxy } from '../programs/counting-proxy.ts';
import { root, until } from '../programs/fairlead.ts';
import { deployment, folderPod, MAKE, namespace, REMOVE, type Served } from './deployment.ts';
import { buildImage } from './image.ts';
import { Cluster, type Pod } from './kubectl.ts';
import { type Surroundings, surroundings } from './surroundings.ts';

const KEY = 'models/digits/2/model.onnx';
const SECONDS = 120;

/** The exit code. */
export async function storeInPod(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-store-${suffix}`);
  const model = readFileSync(join(root, 'examples/digits/models', 'digits/2/model.onnx'));
  const bucket = await filledBucket(around.s3, `fairlead-pod-${suffix}`, model);
  const images = mkdtempSync(join(tmpdir(), 'fairlead-images-'));
  const proxy = await countingProxy(around.s3, '0.0.0.0');
  try {
    const build = { around, cache: images, repository: `fairlead-test/${suffix}` };
    const base = ['--base', `${around.registry}/${around.baseImage}`];
    const { name: image } = buildImage(build, ['--self', '--onnx', ...base], 'server:1');
    say('an image of fairlead itself is in the registry');
    await cluster.apply(namespace(cluster.namespace));
    const served: Served = {
      app: 'pinned',
      image,
      uri: `s3://${bucket.name}/models/digits/2`,
      digest: `sha256:${createHash('sha256').update(model).digest('hex')}`,
      cache: `/var/tmp/fairlead-cache-${suffix}`,
      env: variables(around, proxy),
    };
    await withCache(cluster, served, () => journey(cluster, served, proxy, model.length));
  } finally {
    await proxy.close();
    rmSync(images, { recursive: true, force: true });
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    await bucket.remove();
  }
  return 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function variables({ address }: Surroundings, { port }: CountingProxy): Record<string, string> {
  const passed = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];
  const keys = passed.map(name => [name, process.env[name] ?? 'us-east-1']);
  return { ...Object.fromEntries(keys), AWS_ENDPOINT_URL_S3: `http://${address}:${port}` };
}

interface Bucket {
  readonly name: string;
  remove(): Promise<void>;
}

async function filledBucket(endpoint: URL, name: string, model: Buffer): Promise<Bucket> {
  const client = new S3Client({ endpoint: endpoint.href, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  await client.send(new PutObjectCommand({ Bucket: name, Key: KEY, Body: model }));
  return {
    name,
    remove: async () => {
      await client.send(new DeleteObjectCommand({ Bucket: name, Key: KEY }));
      await client.send(new DeleteBucketCommand({ Bucket: name }));
      client.destroy();
    },
  };
}

/** A folder of the node that pods may write into, gone afterwards. */
async function withCache(
  cluster: Cluster,
  { image, cache }: Served,
  doing: () => Promise<void>,
): Promise<void> {
  const ended = async (name: string, script: string): Promise<void> => {
    await cluster.apply(folderPod(name, image, cache, script));
    await cluster.run([
      'wait',
      '--for=jsonpath={.status.phase}=Succeeded',
      `pod/${name}`,
      `--timeout=${SECONDS}s`,
    ]);
  };
  await ended('make-cache', MAKE);
  try {
    await doing();
  } finally {
    await cluster.run(['delete', 'deployments', '--all', '--wait']);
    await ended('remove-cache', REMOVE);
  }
}

async function journey(cluster: Cluster, served: Served, proxy: CountingProxy, bytes: number): Promise<void> {
  await cluster.apply(deployment(served, 1));
  const [first] = await ready(cluster, served, 1);
  assert.ok(first !== undefined);
  await answers(cluster, first, served);
  assert.ok(proxy.sent() >= bytes, 'the first pod had it from the store');
  say(`a pod pulls and serves: ${proxy.sent()} bytes from the store for a model of ${bytes}`);

  proxy.forget();
  await cluster.run(['scale', `deployment/${served.app}`, '--replicas=2']);
  for (const pod of await ready(cluster, served, 2)) await answers(cluster, pod, served);
  assert.equal(proxy.sent(), 0, 'the second replica has it from the node');
  say('a second replica answers: 0 bytes from the store');

  proxy.block();
  const before = (await cluster.pods(served.app)).map(({ name }) => name);
  await cluster.run(['delete', 'pods', '-l', `app=${served.app}`, '--wait']);
  const after = await ready(cluster, served, 2);
  assert.ok(after.every(({ name }) => !before.includes(name)));
  for (const pod of after) await answers(cluster, pod, served);
  proxy.unblock();
  say('both replaced while the store is out of reach: they answer');

  await refused(cluster, { ...served, app: 'wrong', digest: `sha256:${'0'.repeat(64)}` });
}

async function ready(cluster: Cluster, { app }: Served, count: number): Promise<readonly Pod[]> {
  let pods: readonly Pod[] = [];
  const areReady = async (): Promise<boolean> => {
    pods = await cluster.pods(app);
    return pods.length === count && pods.every(({ isReady }) => isReady);
  };
  await until(areReady, SECONDS).catch(async (error: unknown) => {
    for (const { name } of pods) await tell(cluster, name);
    throw error;
  });
  return pods;
}

async function tell(cluster: Cluster, pod: string): Promise<void> {
  const said = [await cluster.logs(pod, 'pull'), await cluster.logs(pod, 'serve')];
  process.stderr.write(`${pod}:\n${said.join('\n')}\n${await cluster.run(['describe', 'pod', pod])}\n`);
}

/** It is the model that was pinned, and it computes. */
async function answers(cluster: Cluster, { name }: Pod, { digest }: Served): Promise<void> {
  const about = (await cluster.ask(name, '/v2/models/digits')) as { digest?: string };
  assert.equal(digestIn(about), digest);
  const request = readFileSync(join(root, 'examples/digits/request.json'), 'utf8');
  const answer = (await cluster.ask(name, '/models/digits/predict', request)) as { predictions: unknown[] };
  assert.ok(answer.predictions.length > 0);
}

/** Wherever the description has it. */
function digestIn(about: object): string | undefined {
  return /sha256:[0-9a-f]{64}/.exec(JSON.stringify(about))?.[0];
}

/** The reason stands where a person looks first: in the init container's log. */
async function refused(cluster: Cluster, served: Served): Promise<void> {
  await cluster.apply(deployment(served, 1));
  const reason = new RegExp(`sha256:[0-9a-f]{64}.*${served.digest}`);
  let log = '';
  let pod: Pod | undefined;
  await until(async () => {
    [pod] = await cluster.pods(served.app);
    // One that was just started again has said nothing yet.
    if (pod !== undefined && pod.initFailures > 0) log = await cluster.logs(pod.name, 'pull');
    return reason.test(log);
  }, SECONDS);
  assert.equal(pod?.isReady, false);
  say(`a wrong digest: the pod does not become ready, and says: ${log.trim().split('\n')[0] ?? ''}`);
}
