import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { bakedRevision, contained, type Found, parse, type Revision } from '#spec';
import type { LayerFiles, ModelFiles, Recipe } from '../recipe.ts';
import type { Materials, RecipeOptions, Refusal } from './materials.ts';
import { recipeOf } from './recipe-of.ts';
import { selfRecipe } from './self.ts';

const digest = `sha256:${'a'.repeat(64)}`;

const layer = (title: string): LayerFiles => ({ title, entries: [], packages: [] });

const model: ModelFiles = { ...layer('m 1'), name: 'm', version: '1', digest };

const materials: Materials = {
  program: layer('fairlead 1.0.0'),
  native: platform => layer(`native ${platform}`),
  models: [model],
  settings: [],
};

/** The revision of a service, its one model in a folder of this machine. */
function revisionOf(spec: object, loader?: 'skops'): Revision {
  const text = JSON.stringify({
    kind: 'ModelService',
    metadata: { name: 'digits' },
    spec: { model: { uri: './m' }, ...spec },
  });
  const read = parse(text);
  assert.ok(read.ok, JSON.stringify(read));
  const artifact = { path: '/here/m/1', digest, name: 'm', version: '1', ...(loader && { loader }) };
  const found: Found[] = [{ root: '/here/m/1', artifacts: [artifact] }];
  const written = read.value;
  const inside = contained(written, { base: '/here', interpreter: undefined }).service;
  const lying = { isFile: () => false, configured: () => undefined };
  return bakedRevision({ written, inside, role: 'stable', found, lying }).revision;
}

interface Told extends Partial<RecipeOptions> {
  readonly loader?: 'skops';
}

function made(spec: object, { loader, ...options }: Told = {}): Recipe {
  const recipe = recipeOf(revisionOf(spec, loader), materials, {
    service: 'digits',
    mounted: [],
    ...options,
  });
  assert.ok(recipe.ok, JSON.stringify(recipe));
  return recipe.value;
}

function refused(spec: object, { loader, ...options }: Told = {}): Refusal {
  const recipe = recipeOf(revisionOf(spec, loader), materials, {
    service: 'digits',
    mounted: [],
    ...options,
  });
  assert.ok(!recipe.ok);
  return recipe.error;
}

const other = { registry: 'ghcr.io', repository: 'acme/base', tag: '1' };
const lock = { file: 'requirements.lock', text: 'numpy==2.0.0 --hash=sha256:aa\n' };

test("models of ONNX run on Node's image, with the library of the platform", () => {
  const { base, node, dependencies, program, requirements, run } = made({});
  assert.equal(base.repository, 'library/node');
  assert.deepEqual([node, requirements], [base, undefined]);
  assert.equal(program?.title, 'fairlead 1.0.0');
  assert.equal(dependencies?.('linux/arm64').title, 'native linux/arm64');
  assert.deepEqual(run.entrypoint, ['/usr/local/bin/node', '/opt/fairlead/fairlead.js']);
  assert.deepEqual(run.cmd.slice(0, 4), ['serve', '--host=0.0.0.0', '--port=8501', '--grpc-port=8500']);
  assert.deepEqual([run.user, run.stopSignal, run.ports], ['65532:65532', 'SIGTERM', [8501, 8500]]);
});

test('nothing that a launch only empties is in the environment', () => {
  assert.deepEqual(made({}).run.env, { MODEL_PATH: '/models/m/1', MODEL_NAME: 'm', MODEL_VERSION: '1' });
});

test('the port of health without TLS is open too', () => {
  const tls = { certificate: 'a', key: 'b', healthPort: 8080 };
  assert.deepEqual(made({ server: { tls } }).run.ports, [8501, 8500, 8080]);
});

test('health is asked for where it is told without TLS, if anywhere', () => {
  const tls = { certificate: 'a', key: 'b' };
  const servers = [{}, { tls }, { tls: { ...tls, healthPort: 8080 } }];
  assert.deepEqual(
    servers.map(server => made({ server }).healthPort),
    [8501, undefined, 8080],
  );
  const custom = { command: ['serve'], protocol: 'v2', image: 'acme/server:1' };
  assert.equal(made({ runtime: { custom } }).healthPort, undefined);
});

test("models of Python run on Python's image with locked packages, and Node is brought there", () => {
  const { base, node, dependencies, requirements } = made({}, { loader: 'skops', requirements: lock });
  assert.deepEqual([base.repository, base.tag], ['library/python', '3.11-slim-bookworm']);
  assert.equal(node?.repository, 'library/node');
  assert.deepEqual([requirements, dependencies], [lock, undefined]);
});

test('a base that has the packages needs no lock', () => {
  const { base, requirements } = made({}, { loader: 'skops', base: other });
  assert.deepEqual([base, requirements], [other, undefined]);
});

const refusals: readonly { name: string; spec: object; told: Told; problem: RegExp }[] = [
  { name: 'Python without packages', spec: {}, told: { loader: 'skops' }, problem: /which packages are in/ },
  { name: 'a lock that no model needs', spec: {}, told: { requirements: lock }, problem: /has no effect/ },
  {
    name: "Node for a server of others'",
    spec: { runtime: { triton: {} } },
    told: { node: other },
    problem: /--node has no effect: runtime\.triton/,
  },
  {
    name: "a lock for a server of others'",
    spec: { runtime: { tensorflowServing: {} } },
    told: { requirements: lock },
    problem: /--requirements has no effect/,
  },
  {
    name: 'a command without an image',
    spec: { runtime: { custom: { command: ['a'], protocol: 'v2' } } },
    told: {},
    problem: /in which image its command runs/,
  },
  {
    name: 'a command whose image has no name that images have',
    spec: { runtime: { custom: { command: ['a'], image: 'UPPER/case', protocol: 'v2' } } },
    told: {},
    problem: /./,
  },
];

for (const { name, spec, told, problem } of refusals)
  test(`there is no image of ${name}`, () => assert.match(refused(spec, told).problem, problem));

test('Triton has its own ports, and its settings are files', () => {
  const { base, node, program, run } = made({ runtime: { triton: { args: ['--log-info=false'] } } });
  assert.deepEqual([base.registry, base.repository], ['nvcr.io', 'nvidia/tritonserver']);
  assert.deepEqual([node, program], [undefined, undefined]);
  assert.deepEqual(run.entrypoint, ['tritonserver']);
  assert.deepEqual(run.cmd.slice(0, 3), [
    '--model-repository=/models',
    '--http-address=0.0.0.0',
    '--http-port=8000',
  ]);
  assert.equal(run.cmd.at(-1), '--log-info=false');
  assert.deepEqual(run.ports, [8000, 8001, 8002]);
});

/** Runs what an image starts, with a server that tells its arguments and process in place of the real one. */
function started({ run }: Recipe, env: Record<string, string> = {}): { argv: string[]; isProcess: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-serving-'));
  try {
    const server = join(folder, 'tensorflow_model_server');
    writeFileSync(server, '#!/bin/sh\necho "$PPID"\nfor one in "$@"; do echo "$one"; done\n');
    chmodSync(server, 0o755);
    const [program = '', ...args] = [...run.entrypoint, ...run.cmd];
    const options = {
      env: { ...run.env, ...env, PATH: `${folder}:/usr/bin:/bin` },
      encoding: 'utf8',
    } as const;
    const [parent, ...argv] = execFileSync(program, args, options).trim().split('\n');
    return { argv, isProcess: parent === String(process.pid) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("TensorFlow Serving's variables expand, and it takes the place of the shell that expands them", () => {
  const { argv, isProcess } = started(made({ runtime: { tensorflowServing: {} } }));
  assert.deepEqual(argv, [
    '--model_name=m',
    '--model_base_path=/models/m',
    '--rest_api_port=8501',
    '--port=8500',
    '--file_system_poll_wait_seconds=0',
    '--monitoring_config_file=/etc/fairlead/monitoring.config',
  ]);
  assert.ok(isProcess, 'a shell stands before the server');
});

test('MODEL_NAME names another model when a container starts, whatever is in it', () => {
  const recipe = made({ runtime: { tensorflowServing: {} } });
  const { argv } = started(recipe, { MODEL_NAME: 'a "b"; $HOME' });
  assert.deepEqual(argv.slice(0, 2), ['--model_name=a "b"; $HOME', '--model_base_path=/models/a "b"; $HOME']);
  assert.deepEqual(recipe.run.ports, [8501, 8500]);
});

test('a list of labels is a file, and needs no shell', () => {
  const spec = { runtime: { tensorflowServing: {} }, model: { uri: './m', labels: { old: 1 } } };
  const { run, settings } = made(spec);
  assert.deepEqual(run.entrypoint, ['tensorflow_model_server']);
  const [, list] = settings?.entries ?? [];
  assert.ok(list?.kind === 'file' && list.from instanceof Uint8Array);
  assert.equal(list.path, 'etc/fairlead/models.config');
  assert.match(Buffer.from(list.from).toString(), /base_path: "\/models\/m"/);
});

test("a command starts in its own image's place, or where its folder is packed, told where the model is", () => {
  const custom = {
    image: 'ghcr.io/acme/base:1',
    command: ['serve', '$(MODEL_PATH)', '$(PORT)', '$(GRPC_PORT)', '$(METRICS_PORT)'],
    protocol: 'v2',
    ports: { grpc: 'auto', metrics: 'auto' },
  };
  const { base, run } = made({ runtime: { custom } });
  assert.deepEqual(base, other);
  assert.deepEqual([run.entrypoint, run.cmd], [['serve'], ['/models/m/1', '8501', '8500', '8502']]);
  assert.deepEqual([run.ports, run.folder], [[8501, 8500, 8502], undefined]);
  assert.deepEqual([run.env['HOST'], run.env['MODEL_PATH']], ['0.0.0.0', '/models/m/1']);
  assert.equal(made({ runtime: { custom: { ...custom, folder: 'app' } } }).run.folder, '/opt/service');
});

test('a variable that a file empties is emptied', () => {
  const custom = { image: 'ghcr.io/acme/base:1', protocol: 'v2', env: { DEBUG: '' } };
  assert.equal(made({ runtime: { custom } }).run.env['DEBUG'], '');
});

test("without a command the base's own runs", () => {
  const custom = { image: 'ghcr.io/acme/base:1', protocol: 'v2' };
  assert.deepEqual(made({ runtime: { custom } }).run.entrypoint, []);
});

test('an image says what it serves and what it is to be given', () => {
  const mounted = [{ field: 'server.tls.key', path: '/etc/fairlead/tls/tls.key', why: '' }];
  const { annotations } = made({}, { mounted });
  assert.deepEqual(annotations, {
    'org.opencontainers.image.title': 'digits',
    'org.opencontainers.image.version': '1',
    'org.opencontainers.image.description': 'A model server with m 1',
    'dev.fairlead.service': 'digits',
    'dev.fairlead.revision': revisionOf({}).name,
    'dev.fairlead.model.m': `1@${digest}`,
    'dev.fairlead.mount.server.tls.key': '/etc/fairlead/tls/tls.key',
  });
});

test('fairlead alone has no model, no library for one and no port, and says what it can do', () => {
  const recipe = selfRecipe({ program: layer('fairlead 1.0.0') }, { version: '1.0.0' });
  assert.deepEqual([recipe.models, recipe.dependencies, recipe.run.ports], [[], undefined, []]);
  assert.deepEqual([...recipe.run.entrypoint, ...recipe.run.cmd].slice(1), [
    '/opt/fairlead/fairlead.js',
    '--help',
  ]);
  assert.equal(selfRecipe({ program: layer('') }, { version: '1.0.0', base: other }).base, other);
});
