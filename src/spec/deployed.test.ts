import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { contained } from './contained.ts';
import { type Deployed, deployedRevision, podLaunch } from './deployed.ts';
import { kubernetesFile } from './kubernetes-file.arbitrary.ts';
import { parse } from './parse.ts';
import { armsOf, type Found, type Role, urisOf } from './revision.ts';
import type { ModelService } from './schema.ts';

const PIN = `sha256:${'d'.repeat(64)}`;
const BYTES = `sha256:${'a'.repeat(64)}`;

function serviceOf(spec: object): ModelService {
  const file = { kind: 'ModelService', metadata: { name: 'digits' }, spec };
  const result = parse(JSON.stringify(file));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** What lies on this machine is looked at; the version is that of its path. */
function foundOf(service: ModelService, role: Role): (Found | undefined)[] {
  const { spec } = service;
  const served = role === 'candidate' && spec.candidate ? spec.candidate : spec;
  return urisOf(served, 'spec', spec.runtime).map(({ uri }) => {
    if (/^[a-z0-9]+:/.test(uri)) return undefined;
    const path = `/here/${uri}/model.onnx`;
    return { root: `/here/${uri}`, artifacts: [{ path, digest: BYTES, version: '1' }] };
  });
}

function deployed(spec: object, image?: string, role: Role = 'stable'): Deployed {
  const written = serviceOf(spec);
  const found = foundOf(written, role);
  const isAway = found.includes(undefined);
  const { service: inside } = contained(written, { base: '/here', interpreter: undefined, isAway });
  const lying = { isFile: (path: string) => path.endsWith('.onnx'), configured: () => undefined };
  return deployedRevision({ written, inside, role, found, lying, image });
}

/** The models that its server is told of, and by which variables. */
function told(one: Deployed): object {
  const { env } = podLaunch(one);
  const { MODEL_PATH: path, MODEL_NAME: name, FAIRLEAD_MODELS: list = '' } = env;
  return list === '' ? { path, name } : (JSON.parse(list) as object);
}

const own: readonly {
  name: string;
  spec: object;
  told: object;
  mounts: readonly object[];
  pulled: boolean;
}[] = [
  {
    name: 'of a path is in the image',
    spec: { model: { uri: './m/1' } },
    told: { path: '/models/digits/1/model.onnx', name: 'digits' },
    mounts: [],
    pulled: false,
  },
  {
    name: 'of a claim is read below its mount, all of it, as the store looks for claims',
    spec: { model: { uri: 'pvc://weights/digits/1', digest: PIN } },
    told: [{ name: 'digits', uri: 'pvc://weights/digits/1', digest: PIN }],
    mounts: [{ volume: { claim: 'weights' }, subPath: '', path: '/mnt/pvc/weights' }],
    pulled: false,
  },
  ...[
    's3://b/m/1',
    'gs://b/m',
    'az://c@a/m',
    'hf://acme/m@main',
    'https://h/m.onnx',
    'oci://ghcr.io/acme/m:2',
  ].map(uri => ({
    name: `of ${uri} is pulled into its cache`,
    spec: { model: { uri } },
    told: { path: uri, name: 'digits' },
    mounts: [],
    pulled: true,
  })),
  {
    name: 'that is pinned keeps its pin, and what is fetched of it',
    spec: { model: { uri: 's3://b/m', digest: PIN, include: ['*.onnx'], exclude: ['old/**'] } },
    told: [{ name: 'digits', uri: 's3://b/m', digest: PIN, include: ['*.onnx'], exclude: ['old/**'] }],
    mounts: [],
    pulled: true,
  },
  {
    name: 'of an image volume is the folder models of that image, at a path of its own, with its pin',
    spec: {
      model: { uri: 'oci://ghcr.io/acme/m:2?insecure=true', digest: PIN },
      kubernetes: { models: 'volume' },
    },
    told: [{ name: 'digits', uri: '/models/digits/1', digest: PIN }],
    mounts: [{ volume: { image: 'ghcr.io/acme/m:2' }, subPath: 'models', path: '/models/digits/1' }],
    pulled: false,
  },
  {
    name: 'of several is told one by one, wherever each of them lies',
    spec: {
      models: [
        { name: 'a', uri: './a' },
        { name: 'b', uri: 'pvc://weights/b' },
        { name: 'c', uri: 's3://bucket/c', share: 3 },
      ],
    },
    told: [
      { name: 'a', uri: '/models/a/1/model.onnx', version: '1' },
      { name: 'b', uri: 'pvc://weights/b' },
      { name: 'c', uri: 's3://bucket/c', share: 3 },
    ],
    mounts: [{ volume: { claim: 'weights' }, subPath: '', path: '/mnt/pvc/weights' }],
    pulled: true,
  },
];

for (const { name, spec, told: expected, mounts, pulled } of own) {
  test(`fairlead's own server: a model ${name}`, () => {
    const one = deployed(spec);
    const { argv, env, init } = podLaunch(one);
    assert.deepEqual(told(one), expected);
    assert.deepEqual([one.mounts, one.pulls, one.isPulled], [mounts, [], pulled]);
    assert.deepEqual(argv.slice(0, 3), ['/usr/local/bin/node', '/opt/fairlead/fairlead.js', 'serve']);
    assert.equal(env['FAIRLEAD_CACHE'], pulled ? '/var/cache/fairlead' : undefined);
    assert.deepEqual(init?.argv.slice(2), pulled ? ['store', 'pull'] : undefined);
    // What is pulled is what is served.
    if (init !== undefined)
      for (const variable of ['MODEL_PATH', 'FAIRLEAD_MODELS', 'FAIRLEAD_CACHE'])
        assert.equal(init.env[variable], env[variable], variable);
  });
}

test('of a repository its place decides: an image, a claim, a source or an image volume', () => {
  const of = (uri: string, kubernetes: object = {}) => {
    const one = deployed({ repository: { uri, versions: { all: {} } }, kubernetes });
    const { argv, init } = podLaunch(one);
    return { serves: argv.at(-1), mounts: one.mounts, pulls: init?.argv.slice(2) };
  };
  assert.deepEqual(of('pvc://weights/all'), {
    serves: 'pvc://weights/all',
    mounts: [{ volume: { claim: 'weights' }, subPath: '', path: '/mnt/pvc/weights' }],
    pulls: undefined,
  });
  assert.deepEqual(of('s3://bucket/all'), {
    serves: 's3://bucket/all',
    mounts: [],
    pulls: ['store', 'pull', '--versions=all', 's3://bucket/all'],
  });
  assert.deepEqual(of('oci://ghcr.io/acme/all:1', { models: 'volume' }), {
    serves: '/models',
    mounts: [{ volume: { image: 'ghcr.io/acme/all:1' }, subPath: 'models', path: '/models' }],
    pulls: undefined,
  });
});

const python = { interpreter: '/usr/bin/python3', memory: '2Gi', allowUnsafeFormats: true };

test('what is said of Python for all models is told as that where nobody knows which of them is one', () => {
  const one = deployed({ models: [{ name: 'a', uri: 's3://b/a' }], runtime: { python } });
  const { argv, init } = podLaunch(one);
  const flag = argv.find(argument => argument.startsWith('--python='));
  assert.deepEqual(JSON.parse(flag?.slice('--python='.length) ?? ''), python);
  assert.deepEqual(told(one), { path: 's3://b/a', name: 'a' });
  assert.ok(init?.argv.includes('--allow-unsafe-formats'));
});

test('a class is that of the only model, wherever it lies, and of one of several only where it is said there', () => {
  const runtime = { python: { class: 'model:Net' } };
  const pinned = { uri: 's3://b/a', digest: PIN };
  assert.deepEqual(told(deployed({ model: pinned, runtime })), [
    { ...pinned, name: 'digits', runtime: { python: { class: 'model:Net' } } },
  ]);
  assert.deepEqual(told(deployed({ models: [{ ...pinned, name: 'a' }], runtime })), [
    { ...pinned, name: 'a' },
  ]);
});

const triton = { runtime: { triton: {} } };
const serving = { runtime: { tensorflowServing: {} } };
const custom = {
  runtime: { custom: { image: 'acme/vllm:1', command: ['serve', '$(MODEL_PATH)'], protocol: 'openai' } },
};

const foreign: readonly {
  name: string;
  spec: object;
  argument: string;
  mounts?: readonly object[];
  pulls?: readonly object[];
}[] = [
  {
    name: 'a version of a model for Triton is pulled into a folder of it',
    spec: { ...triton, model: { uri: 's3://b/densenet/3', digest: PIN } },
    argument: '--model-repository=/models',
    pulls: [{ uri: 's3://b/densenet/3', digest: PIN, to: '/models/densenet/3' }],
  },
  {
    name: 'a whole model for Triton has the name of its folder, as config.pbtxt says it',
    spec: { ...triton, model: { uri: 's3://b/densenet/' } },
    argument: '--model-repository=/models',
    pulls: [{ uri: 's3://b/densenet/', to: '/models/densenet' }],
  },
  {
    name: 'a model of a claim for Triton is mounted as that folder',
    spec: { ...triton, model: { uri: 'pvc://weights/repo/densenet' } },
    argument: '--model-repository=/models',
    mounts: [{ volume: { claim: 'weights' }, subPath: 'repo/densenet', path: '/models/densenet' }],
  },
  {
    name: 'an image volume for Triton is named as its repository',
    spec: {
      ...triton,
      model: { uri: 'oci://ghcr.io:443/acme/densenet:2.1' },
      kubernetes: { models: 'volume' },
    },
    argument: '--model-repository=/models',
    mounts: [
      { volume: { image: 'ghcr.io:443/acme/densenet:2.1' }, subPath: 'models', path: '/models/densenet' },
    ],
  },
  {
    name: 'a repository for Triton is pulled as a whole',
    spec: { ...triton, repository: { uri: 'hf://acme/repo@main' } },
    argument: '--model-repository=/models',
    pulls: [{ uri: 'hf://acme/repo@main', to: '/models' }],
  },
  {
    name: 'a repository of a claim for Triton is mounted as a whole',
    spec: { ...triton, repository: { uri: 'pvc://weights/repo/' } },
    argument: '--model-repository=/models',
    mounts: [{ volume: { claim: 'weights' }, subPath: 'repo', path: '/models' }],
  },
  {
    name: 'a numbered SavedModel keeps its number',
    spec: { ...serving, model: { uri: 's3://b/half/7' } },
    argument: '--model_base_path=/models/digits',
    pulls: [{ uri: 's3://b/half/7', to: '/models/digits/7' }],
  },
  {
    name: 'a SavedModel without a number is the first, though it is pinned',
    spec: { ...serving, model: { uri: 'gs://b/half', digest: PIN } },
    argument: '--model_base_path=/models/digits',
    pulls: [{ uri: 'gs://b/half', digest: PIN, to: '/models/digits/1' }],
  },
  {
    name: 'a SavedModel of a claim is mounted as a version',
    spec: { ...serving, model: { uri: 'pvc://weights/half/7' } },
    argument: '--model_base_path=/models/digits',
    mounts: [{ volume: { claim: 'weights' }, subPath: 'half/7', path: '/models/digits/7' }],
  },
  {
    name: 'a folder for a server of one’s own is pulled',
    spec: { ...custom, model: { uri: 'hf://acme/llama-3.1@v1.0' } },
    argument: '/models/digits/1',
    pulls: [{ uri: 'hf://acme/llama-3.1@v1.0', to: '/models/digits/1' }],
  },
  {
    name: 'a file for a server of one’s own is named as a file',
    spec: { ...custom, model: { uri: 'https://h/my%20model.gguf?sig=x' } },
    argument: '/models/digits/1/my model.gguf',
    pulls: [{ uri: 'https://h/my%20model.gguf?sig=x', to: '/models/digits/1' }],
  },
  {
    name: 'an archive for a server of one’s own is the folder that is in it',
    spec: { ...custom, model: { uri: 's3://b/llama.tar.gz' } },
    argument: '/models/digits/1',
    pulls: [{ uri: 's3://b/llama.tar.gz', to: '/models/digits/1' }],
  },
  {
    name: 'a file of a claim for a server of one’s own is mounted as a file',
    spec: { ...custom, model: { uri: 'pvc://weights/llama.gguf' } },
    argument: '/models/digits/1/llama.gguf',
    mounts: [{ volume: { claim: 'weights' }, subPath: 'llama.gguf', path: '/models/digits/1/llama.gguf' }],
  },
  {
    name: 'the whole of a claim for a server of one’s own is mounted',
    spec: { ...custom, model: { uri: 'pvc://weights' } },
    argument: '/models/digits/1',
    mounts: [{ volume: { claim: 'weights' }, subPath: '', path: '/models/digits/1' }],
  },
];

for (const { name, spec, argument, mounts = [], pulls = [] } of foreign) {
  test(`a server of others: ${name}`, () => {
    const one = deployed(spec);
    const { argv, init, env } = podLaunch(one);
    assert.ok(argv.includes(argument), argv.join(' '));
    assert.deepEqual([init, env['FAIRLEAD_CACHE'], one.isPulled], [undefined, undefined, false]);
    assert.deepEqual(JSON.parse(JSON.stringify([one.mounts, one.pulls])), [mounts, pulls]);
  });
}

test('several models for TensorFlow Serving are a list, each in its folder, wherever it comes from', () => {
  const one = deployed({
    ...serving,
    models: [
      { name: 'a', uri: './a' },
      { name: 'b', uri: 's3://bucket/b/7', labels: { canary: 7 } },
    ],
  });
  const { argv, files } = podLaunch(one);
  const [list] = files.flatMap(file => (file.name === 'models.config' && 'text' in file ? [file.text] : []));
  assert.ok(argv.includes('--model_config_file=/etc/fairlead/models.config'));
  for (const line of ['base_path: "/models/a"', 'base_path: "/models/b"', 'key: "canary" value: 7'])
    assert.ok(list?.includes(line), list);
  assert.deepEqual(
    files.filter(file => 'link' in file),
    [],
  );
});

test('a candidate has its own models and image, and its own name', () => {
  const candidate = { model: { uri: 'pvc://weights/digits/2' }, weight: 10, image: 'acme/digits:2' };
  const spec = { model: { uri: './m/1' }, candidate };
  const [stable, trial] = [deployed(spec), deployed(spec, 'acme/digits:2', 'candidate')];
  assert.deepEqual([stable.mounts.length, trial.mounts.length], [0, 1]);
  assert.notEqual(stable.revision.name, trial.revision.name);
});

const nameOf = (spec: object, image?: string): string => deployed(spec, image).revision.name;

const others: readonly { name: string; spec: object; image?: string }[] = [
  { name: 'another place of a model', spec: { model: { uri: 's3://b/other' } } },
  { name: 'another digest', spec: { model: { uri: 's3://b/m', digest: PIN } } },
  { name: 'an image', spec: {}, image: 'acme/digits:1' },
  { name: 'another image', spec: {}, image: 'acme/digits:2' },
  { name: 'an option of the server', spec: { server: { deadline: '1s' } } },
  { name: 'a claim in place of a source', spec: { model: { uri: 'pvc://b/m' } } },
  { name: 'models of several', spec: { model: undefined, models: [{ name: 'digits', uri: 's3://b/m' }] } },
];
const away = { model: { uri: 's3://b/m' } };

test('a revision is another one by its image, its models and where they are, and what its server is told', () => {
  const names = [nameOf(away), ...others.map(({ spec, image }) => nameOf({ ...away, ...spec }, image))];
  // Whether one model is alone or the only one of a list, its server is told the same.
  assert.equal(new Set(names).size, names.length - 1, names.join(' '));
});

test('of a server of others it is another one by where its models come from, though it finds them at one path', () => {
  const uris = ['s3://b/m/1', 's3://other/m/1', 'pvc://claim/m/1', 'pvc://claim/n/m/1', 'pvc://other/m/1'];
  for (const runtime of [triton, serving, custom]) {
    const names = uris.map(uri =>
      nameOf({ ...runtime, model: { uri, ...(runtime === triton && { name: 'm' }) } }),
    );
    assert.equal(new Set(names).size, uris.length, names.join(' '));
  }
});

test('a revision is the same one whatever the number of its pods, their machines and what routes to them', () => {
  const more: readonly object[] = [
    { replicas: 7 },
    { scaling: { max: 9, cpu: 50 } },
    { traffic: { istio: {} } },
    { resources: { cpu: 2, memory: '4Gi' } },
    { capacity: { spot: { cloud: 'gke', floor: 2 } } },
    { kubernetes: { namespace: 'a', env: { A: 'b' }, nodeSelector: { a: 'b' }, startup: '1h' } },
    { candidate: { model: { uri: 's3://b/n' }, weight: 10 } },
  ];
  for (const spec of more) assert.equal(nameOf({ ...away, ...spec }), nameOf(away), JSON.stringify(spec));
});

test('without an image and with all models here it has the name that it has on this machine', () => {
  const specs: readonly object[] = [
    { model: { uri: './m/1' } },
    { models: [{ name: 'a', uri: './a' }], server: { deadline: '1s' } },
    { ...serving, model: { uri: './m/1' } },
  ];
  for (const spec of specs) {
    const service = serviceOf(spec);
    const stable = foundOf(service, 'stable').filter(one => one !== undefined);
    assert.equal(nameOf(spec), armsOf(service, { stable })[0]?.revision.name);
  }
});

const rules = { sources: ['s3://b/'], signature: { key: ['a.pub', 'b.pub'] } };
const inPods = { key: ['/etc/fairlead/policy/key-1.pem', '/etc/fairlead/policy/key-2.pem'] };

test('models that are pulled are let in by all of the policy, and by none of it where they are in the image', () => {
  const pulled = deployed({ model: { uri: 's3://b/m' }, policy: rules });
  assert.deepEqual(pulled.revision.policy, { sources: ['s3://b/'], signature: inPods });
  const { env, init } = podLaunch(pulled);
  assert.deepEqual(JSON.parse(env['FAIRLEAD_MODEL_POLICY'] ?? ''), pulled.revision.policy);
  assert.equal(init?.env['FAIRLEAD_MODEL_POLICY'], env['FAIRLEAD_MODEL_POLICY']);
  assert.equal(deployed({ model: { uri: './m' }, policy: rules }).revision.policy, undefined);
});

test('what a server of its own is told by a path was asked of the policy before: that path is let in', () => {
  const beside = {
    models: [
      { name: 'a', uri: './a' },
      { name: 'b', uri: 's3://b/m' },
    ],
  };
  const sources = (spec: object) =>
    deployed({ ...spec, policy: { sources: ['s3://b/'] } }).revision.policy?.sources;
  assert.deepEqual(sources(beside), ['s3://b/', 'file:///models']);
  const volume = { model: { uri: 'oci://r.example/m:1' }, kubernetes: { models: 'volume' } };
  assert.deepEqual(sources(volume), ['s3://b/', 'file:///models']);
  assert.deepEqual(sources({ ...beside, runtime: { triton: {} } }), ['s3://b/']);
  assert.deepEqual(sources({ model: { uri: 'pvc://c/m' } }), ['s3://b/']);
});

test('of any service each name has at most 49 characters, names nothing of this machine, and has a path for each model', () => {
  fc.assert(
    fc.property(kubernetesFile, file => {
      const written = parse(JSON.stringify(file));
      assert.ok(written.ok);
      const lying = { isFile: () => true, configured: () => undefined };
      for (const role of ['stable', 'candidate'] as const) {
        const found = foundOf(written.value, role);
        const isAway = found.includes(undefined);
        const { service: inside } = contained(written.value, {
          base: '/here',
          interpreter: undefined,
          isAway,
        });
        const one = deployedRevision({ written: written.value, inside, role, found, lying });
        assert.match(one.revision.name, /^[a-z][-a-z0-9]{0,39}-[0-9a-f]{8}$/);
        assert.ok(one.revision.name.length <= 49);
        const { argv, env } = podLaunch(one);
        assert.ok(
          [...argv, ...Object.values(env)].every(text => !text.includes('/here')),
          argv.join(' '),
        );
        const folders = [...one.mounts.map(({ path }) => path), ...one.pulls.map(({ to }) => to)];
        const apart = folders.filter(path => !path.startsWith('/mnt/pvc/'));
        // Models of Triton's are called as their folders are, which may be the same.
        if (inside.spec.runtime.triton === undefined) assert.equal(new Set(apart).size, apart.length);
      }
    }),
  );
});
