/** A recipe of every kind of image, with the models of the examples: what is linted, and built where there is a BuildKit. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageName, type LayerFiles, type Recipe, type RunConfig } from '#image';
import { root } from '../../source.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const hub = (repository: string, tag: string): ImageName => ({
  registry: 'docker.io',
  repository,
  tag,
  digest,
});

const node = hub('library/node', '24-bookworm-slim');
const python = hub('library/python', '3.11-slim-bookworm');
const serving = hub('tensorflow/serving', '2.19.1');
const triton: ImageName = {
  registry: 'nvcr.io',
  repository: 'nvidia/tritonserver',
  tag: '25.11-py3',
  digest,
};

/** By what they are called; the name of an example is that of its folder. */
export const recipes: Readonly<Record<string, Recipe>> = {
  digits: { ...own(node), models: [model('digits', '1')], annotations: said('digits') },
  diabetes: { ...own(node), models: [model('diabetes', '1')], annotations: said('diabetes') },
  'many-models': {
    ...own(node),
    models: [model('digits', '1'), model('digits', '2'), model('diabetes', '1')],
    annotations: said('many-models'),
  },
  sklearn: { ...inPython(), models: [model('sklearn', '1', 'iris')], annotations: said('iris') },
  torch: { ...inPython(), models: [model('torch', '1', 'digits')], annotations: said('digits') },
  tensorflow: { ...inPython(), models: [model('tensorflow', '1', 'digits')], annotations: said('digits') },
  custom: {
    base: node,
    settings: {
      title: 'settings',
      entries: [{ kind: 'file', path: 'srv/server.mjs', from: join(root, 'examples/custom/server.mjs') }],
      packages: [],
    },
    models: [model('custom', '1', '')],
    run: { ...run(['node', 'server.mjs'], []), folder: '/srv', env: { MODEL_PATH: '/models/custom/1' } },
    annotations: said('custom'),
  },
  'tensorflow-serving': {
    base: serving,
    models: [model('tensorflow', '1', 'digits')],
    run: {
      ...run(['/bin/sh', '-c', 'exec "$0" --model_name="$MODEL_NAME" "$@"', 'tensorflow_model_server'], []),
      env: { MODEL_NAME: 'digits' },
    },
    annotations: said('digits'),
  },
  triton: {
    base: triton,
    models: [model('digits', '1')],
    run: { ...run(['tritonserver'], ['--model-repository=/models']), ports: [8000, 8001, 8002] },
    annotations: said('digits'),
  },
  self: { ...own(node), models: [], annotations: said('fairlead') },
};

function own(base: ImageName): Pick<Recipe, 'base' | 'dependencies' | 'program' | 'run'> {
  return {
    base,
    dependencies: platform =>
      made('onnxruntime-node 1.30.0', `opt/fairlead/node_modules/onnxruntime-node/bin/${platform}/a.node`),
    program: made('fairlead 0.1.0', 'opt/fairlead/fairlead.js', 'opt/fairlead/model-thread.js'),
    run: run(['/usr/local/bin/node', '/opt/fairlead/fairlead.js'], ['serve', '--host', '0.0.0.0', '/models']),
  };
}

function inPython(): Pick<Recipe, 'base' | 'node' | 'requirements' | 'program' | 'run'> {
  const { dependencies: _, ...rest } = own(python);
  const text = `numpy==2.3.4 --hash=sha256:${'0'.repeat(64)}\n`;
  return { ...rest, node, requirements: { file: 'requirements.lock', text } };
}

function run(entrypoint: readonly string[], cmd: readonly string[]): RunConfig {
  const env = { FAIRLEAD_LOG_LEVEL: 'info' };
  return { entrypoint, cmd, env, ports: [8501, 8500], user: '65532:65532', stopSignal: 'SIGTERM' };
}

function made(title: string, ...paths: readonly string[]): LayerFiles {
  const entries = paths.map(path => ({ kind: 'file', path, from: Buffer.from(path) }) as const);
  return { title, entries, packages: [] };
}

/** A version of an example's model, with its files as they lie there. */
function model(example: string, version: string, name = example): Recipe['models'][number] {
  const folder = join(root, 'examples', example, 'models', name, version);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = paths.toSorted().filter(path => statSync(join(folder, path)).isFile());
  const called = name === '' ? example : name;
  const entries = files.map(
    path =>
      ({ kind: 'file', path: `models/${called}/${version}/${path}`, from: join(folder, path) }) as const,
  );
  return { title: `${called} ${version}`, entries, packages: [], name: called, version, digest };
}

function said(title: string): Recipe['annotations'] {
  return {
    'org.opencontainers.image.title': title,
    'org.opencontainers.image.version': '1',
    'org.opencontainers.image.created': '1970-01-01T00:00:00Z',
  };
}
