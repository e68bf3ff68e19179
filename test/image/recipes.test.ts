/** Recipes of real services: every example, and services as people have them; what they hold is laid out and run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, type TestContext } from 'node:test';
import type { LayerFiles, Recipe } from '#image';
import { builtProgram } from '../../src/cli/image-program.ts';
import { type Prepared, type RecipeFlags, recipeFor, recipeOfSelf } from '../../src/cli/image-recipe.ts';
import { modelStores } from '../../src/cli/stores.ts';
import { root, until } from '../programs/fairlead.ts';
import { layersOf, movedTo, stage } from './staged.ts';

const examples = join(root, 'examples');
const digits = join(examples, 'digits', 'models', 'digits');
const logger = { enabled: () => false, log: () => undefined };

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-recipes-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

/** Built once for all of them. */
let built: ReturnType<typeof builtProgram> | undefined;
after(async () => (await built)?.release());

async function prepared(t: TestContext, path: string, flags: RecipeFlags = {}): Promise<Prepared> {
  const stores = await modelStores({}, { logger, tell: () => undefined });
  const programOf = async (): ReturnType<typeof builtProgram> => {
    built ??= builtProgram(new AbortController().signal);
    return { ...(await built), release: async () => {} };
  };
  return recipeFor(path, flags, { stores, signal: t.signal, programOf });
}

/** A service file in a folder, and beside it files by their paths: texts, or `from` another place. */
function service(
  at: string,
  spec: object,
  files: Readonly<Record<string, string | { from: string }>> = {},
): string {
  const path = join(at, 'fairlead.yaml');
  mkdirSync(at, { recursive: true });
  writeFileSync(path, JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
  for (const [name, what] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    if (typeof what === 'string') writeFileSync(join(at, name), what);
    else cpSync(what.from, join(at, name), { recursive: true });
  }
  return path;
}

const pathsOf = (recipe: Recipe): string[] =>
  [recipe.settings, ...recipe.models].flatMap(layer => layer?.entries.map(({ path }) => path) ?? []);

/** What it says of everything but where its bytes lie on this machine. */
function spoken(recipe: Recipe): string {
  return JSON.stringify([recipe, recipe.dependencies?.('linux/amd64')], (key, value: unknown) =>
    key === 'from' ? undefined : value,
  );
}

const served: readonly { name: string; flags?: RecipeFlags; base: string; models: readonly string[] }[] = [
  { name: 'diabetes', base: 'library/node', models: ['models/diabetes/1/model.onnx'] },
  { name: 'digits', base: 'library/node', models: ['models/digits/1/model.onnx'] },
  {
    name: 'digits',
    flags: { candidate: true },
    base: 'library/node',
    models: ['models/digits/2/model.onnx'],
  },
  {
    name: 'many-models',
    base: 'library/node',
    models: ['models/digits/1/model.onnx', 'models/digits/2/model.onnx', 'models/diabetes/1/model.onnx'],
  },
  { name: 'custom', flags: { base: 'node:24' }, base: 'library/node', models: ['models/words/1/text.txt'] },
  {
    name: 'sklearn',
    flags: { base: 'acme/sklearn:1' },
    base: 'acme/sklearn',
    models: ['models/iris/1/model.skops'],
  },
  {
    name: 'torch',
    flags: { base: 'acme/torch:1' },
    base: 'acme/torch',
    models: ['models/digits/1/model.pt'],
  },
  {
    name: 'tensorflow',
    flags: { base: 'acme/tf:1' },
    base: 'acme/tf',
    models: [
      'models/digits/1/fingerprint.pb',
      'models/digits/1/saved_model.pb',
      'models/digits/1/variables/variables.data-00000-of-00001',
      'models/digits/1/variables/variables.index',
    ],
  },
];

for (const { name, flags, base, models } of served)
  test(`the image of examples/${name}${flags ? ` with ${Object.keys(flags).join()}` : ''} holds its models`, async t => {
    const { recipe } = await prepared(t, join(examples, name), flags);
    assert.equal(recipe.base.repository, base);
    assert.deepEqual(
      recipe.models.flatMap(({ entries }) => entries.map(({ path }) => path)),
      models,
    );
    assert.ok(!spoken(recipe).includes(root), 'a path of this machine is in it');
  });

test('a folder of a command is packed without what the file names as secret, or as a model of another revision', async t => {
  const at = folder(t);
  const words = join(examples, 'custom');
  const file = service(
    at,
    {
      model: { uri: './models/1' },
      candidate: { model: { uri: './models/2' }, weight: 10 },
      runtime: {
        custom: {
          command: ['node', 'server.mjs'],
          folder: './',
          env: { API_TOKEN: 'hush' },
          protocol: 'openai',
        },
      },
      server: {
        auth: { predict: { keys: { file: 'keys.yaml' } } },
        tls: { certificate: 'tls/tls.crt', key: 'tls/tls.key' },
      },
    },
    {
      'server.mjs': 'serve()',
      'keys.yaml': 'keys: []',
      'tls/tls.crt': 'public',
      'tls/tls.key': 'private',
      'models/1': { from: join(words, 'models/1') },
      'models/2': { from: join(words, 'models/2') },
    },
  );
  symlinkSync('tls/tls.key', join(at, 'same.pem'));
  const { recipe, notes } = await prepared(t, file, { base: 'node:24' });
  assert.deepEqual(
    recipe.settings?.entries.map(({ path }) => path),
    ['opt/service/fairlead.yaml', 'opt/service/server.mjs'],
  );
  assert.match(notes.join('\n'), /runtime\.custom\.env\.API_TOKEN is in the image, for whoever has it/);
  assert.ok(!notes.join('\n').includes('hush'));
});

test("without a lock the base's own packages are all that there are, and that is said", async t => {
  const { notes } = await prepared(t, join(examples, 'tensorflow'), { base: 'acme/tf:1' });
  assert.match(notes.join('\n'), /no lock with hashes .*the base's own python3 has to have them all/);
  const locked = await prepared(t, join(examples, 'sklearn'));
  assert.doesNotMatch(locked.notes.join('\n'), /no lock/);
});

const missing: readonly { name: string; flags?: RecipeFlags; code: string; message: RegExp }[] = [
  { name: 'torch', code: 'image_invalid', message: /run in Python.*--requirements/ },
  { name: 'custom', code: 'image_invalid', message: /in which image its command runs; .*--base/ },
  {
    name: 'diabetes',
    flags: { candidate: true },
    code: 'usage_invalid',
    message: /--candidate: the service has none/,
  },
  {
    name: 'digits',
    flags: { base: 'Not A Name' },
    code: 'image_name_invalid',
    message: /'Not A Name' is no name/,
  },
  { name: 'digits', flags: { requirements: 'none.txt' }, code: 'file_unreadable', message: /none\.txt/ },
];

for (const { name, flags = {}, code, message } of missing)
  test(`examples/${name} with ${JSON.stringify(flags)} is refused with what to do`, async t => {
    await assert.rejects(prepared(t, join(examples, name), flags), { code, message });
  });

test('a model that is missing is told with its path', async t => {
  await assert.rejects(prepared(t, service(folder(t), { model: { uri: './nowhere' } })), {
    code: 'spec_invalid',
    message: /spec\.model\.uri: \S+nowhere: the model is not there/,
  });
});

test('the same service in two folders has the same image, its bytes and its name among it', async t => {
  const spec = {
    model: { uri: './m/1' },
    server: { tls: { certificate: 'a.crt', key: 'a.key' }, auth: { admin: { keys: { file: 'keys.yaml' } } } },
    runtime: { onnx: { threads: 2 } },
  };
  const at = folder(t);
  const files = { 'm/1': { from: join(digits, '1') } };
  const [one, two] = [
    await prepared(t, service(join(at, 'one'), spec, files)),
    await prepared(t, service(join(at, 'two/deep'), spec, files)),
  ];
  assert.equal(spoken(one.recipe), spoken(two.recipe));
  assert.ok(!spoken(one.recipe).includes(at));
  assert.deepEqual(contentOf(one.recipe.models), contentOf(two.recipe.models));
  assert.deepEqual(one.notes, two.notes);
});

function contentOf(layers: readonly LayerFiles[]): (readonly [string, string])[] {
  const entries = layers.flatMap(layer => layer.entries);
  return entries.map(one => [
    one.path,
    one.kind === 'file' ? Buffer.from(bytesOf(one.from)).toString('base64') : '',
  ]);
}

const bytesOf = (from: string | Uint8Array): Uint8Array =>
  typeof from === 'string' ? readFileSync(from) : from;

test('nothing of this machine is in the program, nor a map of its sources, and two builds are the same', async t => {
  const [one, two] = [await builtProgram(t.signal), await builtProgram(t.signal)];
  t.after(() => Promise.all([one.release(), two.release()]));
  const { entries, packages } = one.program;
  assert.ok(entries.length > 50, String(entries.length));
  assert.deepEqual(contentOf([one.program]), contentOf([two.program]));
  for (const entry of entries) {
    assert.ok(!entry.path.endsWith('.map'), entry.path);
    const isText = entry.kind === 'file' && /\.(?:js|json|py)$/.test(entry.path);
    if (isText) assert.ok(!Buffer.from(bytesOf(entry.from)).includes(root), `${entry.path} names ${root}`);
  }
  const names = packages.map(({ name }) => name);
  for (const name of ['fairlead', 'commander', 'zod']) assert.ok(names.includes(name), name);
});

interface Running {
  readonly url: string;
  readonly version: (model: string) => Promise<unknown>;
}

/** Starts what an image starts, as it is laid out, with no variable but those of the image, and in a folder that has nothing. */
async function started(t: TestContext, recipe: Recipe): Promise<Running> {
  const at = folder(t);
  stage(recipe, at);
  const { entrypoint, cmd, env } = recipe.run;
  const [program = '', ...args] = [...entrypoint, ...cmd].map(text => movedTo(at, text));
  const here = ['--host=127.0.0.1', '--port=0', '--grpc-port=off'];
  const moved = Object.entries(env).map(([name, text]) => [name, movedTo(at, text)]);
  const child = spawn(program, [...args, ...here], {
    cwd: join(at, 'models'),
    env: Object.fromEntries(moved),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill();
    await ended;
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', chunk => (out += String(chunk)));
  child.stderr.on('data', chunk => (err += String(chunk)));
  const url = (): string => out.split('\n')[0] ?? '';
  await until(async () => {
    assert.equal(child.exitCode, null, err);
    return url() !== '' && (await fetch(`${url()}/health`)).ok;
  });
  const version = async (model: string): Promise<unknown> => {
    const answer = await fetch(`${url()}/v2/models/${model}`);
    const told = (await answer.json()) as { versions?: unknown; properties?: { digest?: unknown } };
    return [told.versions, told.properties?.digest];
  };
  return { url: url(), version };
}

test('what is laid out serves, with the library of this platform alone, and tells the digest that is pinned', async t => {
  const { recipe } = await prepared(t, join(examples, 'digits'));
  const { version } = await started(t, recipe);
  assert.deepEqual(await version('digits'), [['1'], recipe.models[0]?.digest]);
  const bytes =
    recipe.dependencies?.('linux/amd64').packages.reduce((sum, one) => sum + (one.bytes ?? 0), 0) ?? 0;
  assert.ok(bytes < 60 * 2 ** 20, `the library takes ${bytes} bytes`);
});

test('a model whose bytes are others than those that were pinned is not served', async t => {
  const { recipe } = await prepared(t, join(examples, 'digits'));
  const other = recipe.models.map(one => ({
    ...one,
    entries: one.entries.map(entry => ({ ...entry, from: join(digits, '2', 'model.onnx') })),
  }));
  await assert.rejects(started(t, { ...recipe, models: other }), /sha256/);
});

const config = 'name: "digits"\nplatform: "onnxruntime_onnx"\nversion_policy { all {} }\n';
const list = (base: string): string => `model_config_list { config {
  name: "numbers" base_path: "${base}" model_platform: "onnx"
  model_version_policy { specific { versions: 1 versions: 2 } } version_labels { key: "old" value: 1 } } }`;

test("Triton's repository is served with its configurations, and models beside it that have none", async t => {
  const at = folder(t);
  const files = {
    'all/digits/config.pbtxt': config,
    'all/digits/1': { from: join(digits, '1') },
    'all/digits/2': { from: join(digits, '2') },
    'all/one/model.onnx': { from: join(digits, '2', 'model.onnx') },
  };
  const { recipe, notes } = await prepared(t, service(at, { repository: { uri: './all' } }, files));
  assert.deepEqual(
    pathsOf(recipe)
      .filter(path => path.includes('digits'))
      .toSorted(),
    ['models/digits/1/model.onnx', 'models/digits/2/model.onnx', 'models/digits/config.pbtxt'],
  );
  assert.match(notes.join('\n'), /^digits: several versions are told as one/);
  const { version } = await started(t, recipe);
  const one = recipe.models.find(({ name }) => name === 'one');
  assert.deepEqual(await version('one'), [[one?.version], one?.digest]);
  assert.deepEqual(((await version('digits')) as unknown[])[0], ['1', '2']);
});

test('a list of models leads to folders anywhere here, and to the same labels in the image', async t => {
  const at = folder(t);
  const files = { 'models.config': list(digits) };
  const { recipe } = await prepared(t, service(at, { repository: { uri: './models.config' } }, files));
  assert.deepEqual(pathsOf(recipe), ['models/numbers/1/model.onnx', 'models/numbers/2/model.onnx']);
  const { url } = await started(t, recipe);
  assert.equal((await fetch(`${url}/v1/models/numbers/labels/old`)).status, 200);
});

test("a command's folder is in the image without its models and hidden files, and its programs can be run", async t => {
  const at = folder(t);
  const custom = { command: ['./run.sh'], folder: './app', image: 'acme/app:1', protocol: 'v2' };
  const files = {
    'app/run.sh': '#!/bin/sh\n',
    'app/.env': 'SECRET=1',
    'app/m/1/w.bin': 'w',
    'app/lib/a.py': '',
  };
  const path = service(at, { model: { uri: './app/m/1' }, runtime: { custom } }, files);
  symlinkSync(join(at, 'app'), join(at, 'app/lib/round'));
  const { recipe } = await prepared(t, path);
  assert.deepEqual(pathsOf(recipe), ['opt/service/lib/a.py', 'opt/service/run.sh', 'models/digits/1/w.bin']);
  assert.equal(recipe.run.folder, '/opt/service');
});

test('what a file names and is not there is told', async t => {
  const tensorflowServing = { batching: './batching.txt' };
  const files = { m: { from: join(examples, 'tensorflow/models/digits') } };
  const path = service(folder(t), { model: { uri: './m' }, runtime: { tensorflowServing } }, files);
  await assert.rejects(prepared(t, path), { code: 'file_unreadable', message: /batching\.txt/ });
});

test('packages locked beside the file are installed, and its models told the Python that has them', async t => {
  const files = {
    'requirements.lock': 'skops==1.0.0 --hash=sha256:aa\n',
    m: { from: join(examples, 'sklearn/models/iris') },
  };
  const python = { interpreter: './.venv/bin/python' };
  const { recipe, notes } = await prepared(
    t,
    service(folder(t), { model: { uri: './m' }, runtime: { python } }, files),
  );
  assert.deepEqual(recipe.requirements, { file: 'requirements.lock', text: files['requirements.lock'] });
  assert.match(recipe.run.env['FAIRLEAD_MODELS'] ?? '', /"interpreter":"\/opt\/venv\/bin\/python"/);
  assert.match(notes.join('\n'), /\/tmp/);
});

test('packages beside the file that are not locked are refused with what to do', async t => {
  const files = { 'requirements.txt': 'skops>=1.0\n', m: { from: join(examples, 'sklearn/models/iris') } };
  const python = { interpreter: './.venv/bin/python' };
  const path = service(folder(t), { model: { uri: './m' }, runtime: { python } }, files);
  await assert.rejects(prepared(t, path), {
    code: 'requirements_invalid',
    message: /requirements\.txt: it says no hashes .*requirements\.lock/,
  });
});

test('fairlead alone says what it can do, and which it is', async t => {
  const { recipe, release } = await recipeOfSelf({}, { signal: t.signal });
  t.after(release);
  const at = folder(t);
  stage(recipe, at);
  const [program = '', ...args] = recipe.run.entrypoint.map(text => movedTo(at, text));
  const child = spawn(program, [...args, '--version'], { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', chunk => (out += String(chunk)));
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal(out.trim(), recipe.annotations['org.opencontainers.image.version']);
  assert.deepEqual(
    layersOf(recipe).map(({ title }) => title),
    [`fairlead ${out.trim()}`],
  );
});
