/**
 * One model, from wherever a pod may have it: in the image, on a claim, in an image volume, pulled from S3, from Google's storage and
 * from a registry. All answer with the same bytes, and say the same digest. And two models in one server.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../programs/fairlead.ts';
import { storageBucket } from '../stores/shops/gs.ts';
import { repository } from '../stores/shops/oci.ts';
import { bucket } from '../stores/shops/s3.ts';
import type { OpenShop } from '../stores/shops/shop.ts';
import { claimed } from './claim.ts';
import { namespace } from './deployment.ts';
import { type Build, buildImage } from './image.ts';
import { Cluster } from './kubectl.ts';
import { modelImage } from './model-image.ts';
import { ask } from './open-loop.ts';
import { Service, small } from './service.ts';
import { type Surroundings, surroundings } from './surroundings.ts';

const MODEL = join(root, 'examples/digits/models/digits/2/model.onnx');
const REQUEST = readFileSync(join(root, 'examples/digits/request.json'), 'utf8');

interface Images {
  readonly baked: string;
  /** Fairlead alone, with what runs models of ONNX. */
  readonly bare: string;
}

/** What one answers, and what it says that it has loaded. */
interface Answer {
  readonly text: string;
  readonly digest: string | undefined;
}

/** The exit code. */
export async function modelsInPods(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-models-${suffix}`);
  const cache = mkdtempSync(join(tmpdir(), 'fairlead-models-'));
  const build: Build = { around, cache, repository: `fairlead-test/${suffix}` };
  try {
    const base = baseOf(around);
    const images: Images = {
      baked: buildImage(build, [join(root, 'examples/digits'), '--candidate', ...base], 'digits:2').name,
      bare: buildImage(build, ['--self', '--onnx', ...base], 'server:1').name,
    };
    // A claim is filled by a pod that is root, which the restricted profile does not let in.
    await cluster.apply(namespace(cluster.namespace));
    const model = readFileSync(MODEL);
    const answers = new Map<string, Answer>();
    const serve = async (what: string, spec: object): Promise<void> => {
      answers.set(what, await answerOf(cluster, around, spec));
      process.stdout.write(`${what}: it answers\n`);
    };
    await serve('in the image', { model: { uri: MODEL }, image: images.baked });
    await claimed(cluster, images.bare, model, async claim => {
      await serve('on a claim', { model: { uri: `pvc://${claim}/digits/2` }, image: images.bare });
    });
    const reference = modelImage(build, MODEL);
    await serve('in an image volume', {
      model: { uri: `oci://${reference}`, version: '2' },
      image: images.bare,
      kubernetes: { models: 'volume' },
    });
    for (const open of [bucket, storageBucket, repository])
      await pulled(open, { cluster, around, model, image: images.bare, serve });
    same(answers, model);
    await shared(cluster, around, build);
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    rmSync(cache, { recursive: true, force: true });
  }
  return 0;
}

interface Pulling {
  readonly cluster: Cluster;
  readonly around: Surroundings;
  readonly model: Buffer;
  readonly image: string;
  readonly serve: (what: string, spec: object) => Promise<void>;
}

async function pulled(open: OpenShop, { cluster, around, model, image, serve }: Pulling): Promise<void> {
  const shop = await open(process.env);
  try {
    await shop.put('digits', model);
    const { port } = new URL(shop.origin);
    const origin = `http://${around.address}:${port}`;
    await credentials(cluster);
    await serve(`pulled from ${shop.scheme}`, {
      model: { uri: shop.uri('digits', origin), version: '2' },
      image,
      kubernetes: { env: shop.env(origin), credentials: 'store' },
    });
  } finally {
    await shop.remove();
  }
}

async function credentials(cluster: Cluster): Promise<void> {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];
  const stringData = Object.fromEntries(names.map(name => [name, process.env[name] ?? 'us-east-1']));
  await cluster.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'store' }, stringData });
}

async function answerOf(cluster: Cluster, { kubeconfig }: Surroundings, spec: object): Promise<Answer> {
  const service = new Service('digits', cluster, kubeconfig);
  try {
    await service.apply({ ...spec, resources: small, server: { drain: { grace: '2s' } } });
    const url = await service.url();
    const text = await ask({ url: `${url}/v2/models/digits/infer`, body: v2(REQUEST) });
    const about = await (await fetch(`${url}/v2/models/digits`)).text();
    return { text, digest: /sha256:[0-9a-f]{64}/.exec(about)?.[0] };
  } finally {
    await service.fairlead('delete', 'digits', '--wait');
    await service.remove();
  }
}

/** The rows of a plain request as tensors; an `id` of one's own keeps answers equal. */
function v2(plain: string): string {
  const { inputs } = JSON.parse(plain) as { inputs: readonly (readonly number[])[] };
  const shape = [inputs.length, inputs[0]?.length ?? 0];
  return JSON.stringify({
    id: 'same',
    inputs: [{ name: 'pixels', datatype: 'FP32', shape, data: inputs.flat() }],
  });
}

function same(answers: ReadonlyMap<string, Answer>, model: Buffer): void {
  const digest = `sha256:${createHash('sha256').update(model).digest('hex')}`;
  const texts = new Set([...answers.values()].map(({ text }) => text));
  assert.equal(texts.size, 1, [...answers].map(([what, { text }]) => `${what}: ${text}`).join('\n'));
  for (const [what, answer] of answers) assert.equal(answer.digest, digest, what);
  process.stdout.write(`all ${answers.size} answer with the same bytes, from ${digest}\n`);
}

/** Clients of two models, each by a Service of its own, reach the same pod. */
async function shared(cluster: Cluster, around: Surroundings, build: Build): Promise<void> {
  const service = new Service('many-models', cluster, around.kubeconfig);
  const folder = join(root, 'examples/many-models');
  const { name: image } = buildImage(build, [folder, ...baseOf(around)], 'many:1');
  try {
    const where = ['--image', image, '--wait'];
    await service.fairlead('apply', join(folder, 'fairlead.yaml'), ...where);
    const pods = await cluster.pods('many-models');
    assert.equal(pods.length, 1);
    for (const [model, example] of Object.entries({ digits: 'digits', diabetes: 'diabetes' })) {
      await cluster.apply(serviceFor(model));
      const own = await service.url(model);
      const body = readFileSync(join(root, 'examples', example, 'request.json'), 'utf8');
      const answer = await ask({ url: `${own}/models/${model}/predict`, body });
      assert.ok((JSON.parse(answer) as { predictions: unknown[] }).predictions.length > 0);
    }
    process.stdout.write('two Services share one pod with two models\n');
  } finally {
    await service.fairlead('delete', 'many-models', '--wait');
    await service.remove();
  }
}

function serviceFor(name: string): object {
  const selector = { app: 'many-models', component: 'server' };
  const spec = { selector, ports: [{ port: 80, targetPort: 'http' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function baseOf({ registry, baseImage }: Surroundings): string[] {
  return ['--base', `${registry}/${baseImage}`];
}
