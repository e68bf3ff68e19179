/** Models of Python in service files, lists and repositories: what is said of them, where they lie, and which they are. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pythonFor } from '../src/server/runtimes/python/fixtures/python.ts';
import { root, run, running, until } from './programs/fairlead.ts';

const DIGITS = join(root, 'examples/digits/models/digits/1/model.onnx');
const TORCH = join(root, 'examples/torch/models');

/** A class that answers with what it adds to its input. */
const adds = (what: number): string => `
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    def predict(self, inputs):
        return {"y": inputs["x"] + ${what}}
`;

/** Files by their paths, in a folder that is gone after the test. */
function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-services-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** A folder with a service file in it. */
function service(t: TestContext, spec: object, files: Readonly<Record<string, string>> = {}): string {
  const file = { kind: 'ModelService', metadata: { name: 'mixed' }, spec };
  return tree(t, { ...files, 'fairlead.yaml': JSON.stringify(file) });
}

interface Index {
  readonly name: string;
  readonly version: string;
  readonly state: string;
}

async function index(url: string): Promise<readonly Index[]> {
  const answer = await fetch(`${url}/v2/repository/index`, { method: 'POST' });
  return (await answer.json()) as readonly Index[];
}

async function predicted(url: string, path: string): Promise<unknown> {
  const body = JSON.stringify({ inputs: [[1]] });
  const answer = await fetch(`${url}${path}`, { method: 'POST', body });
  return ((await answer.json()) as { predictions: unknown }).predictions;
}

test('a service of models of ONNX and of Python says of Python what is for those that need it', async t => {
  const interpreter = pythonFor(t, 'numpy', 'torch');
  if (interpreter === undefined) return;
  const models = [
    { name: 'onnx', uri: DIGITS },
    { name: 'torch', uri: join(TORCH, 'digits/1') },
    { name: 'own', uri: './own' },
    { name: 'beside', uri: './beside/weights.bin', runtime: { python: { class: 'other:Model' } } },
  ];
  const python = { interpreter, class: 'model:Model', device: 'cpu', requirements: ['numpy'] };
  const folder = service(
    t,
    { models, runtime: { python } },
    { 'own/model.py': adds(1), 'beside/other.py': adds(2), 'beside/weights.bin': '' },
  );
  const { url } = await running(t, ['up', folder]);
  assert.deepEqual(await predicted(url, '/models/own/predict'), [[2]]);
  assert.deepEqual(await predicted(url, '/models/beside/predict'), [[3]]);
  const platforms = await Promise.all(
    ['onnx', 'torch'].map(
      async name =>
        ((await (await fetch(`${url}/v2/models/${name}`)).json()) as { platform: string }).platform,
    ),
  );
  assert.deepEqual(platforms, ['onnxruntime_onnxv1', 'pytorch_libtorch']);
});

const OWN = { 'own/model.py': adds(1) };
const own = { name: 'own', uri: './own', runtime: { python: { class: 'model:Model' } } };
const onnx = { name: 'onnx', uri: DIGITS };

const refused: readonly { readonly name: string; readonly spec: object; readonly says: RegExp }[] = [
  {
    name: 'of Python for a model of ONNX',
    spec: { models: [{ ...onnx, runtime: { python: { threads: 2 } } }, own] },
    says: /spec\.models\[0\]\.runtime\.python has no effect on a model of ONNX/,
  },
  {
    name: 'of ONNX for a model of Python',
    spec: { models: [{ ...own, runtime: { ...own.runtime, onnx: { threads: 2 } } }] },
    says: /spec\.models\[0\]\.runtime\.onnx has no effect on a model that Python runs/,
  },
  {
    name: 'of another kind of models for one',
    spec: { model: { ...own, runtime: { python: { class: 'model:Model', trusted: ['a.B'] } } } },
    says: /spec\.model\.runtime\.python\.trusted has no effect on a model of class/,
  },
  {
    name: 'of models that the service has not',
    spec: { models: [own, onnx], runtime: { python: { trusted: ['a.B'] } } },
    says: /spec\.runtime\.python\.trusted has no effect on any of the models/,
  },
  {
    name: 'of Python where all is of ONNX',
    spec: { models: [onnx], runtime: { python: { threads: 2 } } },
    says: /spec\.runtime\.python has no effect, as every model is one of ONNX/,
  },
  {
    name: 'of a SavedModel that it does not take',
    spec: { model: { uri: './saved', runtime: { python: { device: 'cuda' } } } },
    says: /spec\.model\.runtime\.python\.device has no effect on a model of savedmodel/,
  },
  {
    name: 'nothing of the class of weights',
    spec: { models: [{ name: 'w', uri: './w.safetensors' }] },
    says: /spec\.models\[0\]\.runtime\.python\.class is missing: safetensors hold weights/,
  },
  {
    name: 'a model of no format',
    spec: { model: { uri: './notes.txt' } },
    says: /spec\.model\.uri: .*notes\.txt is a model of no format that is known by its name/,
  },
  {
    name: 'one class for a repository',
    spec: { repository: { uri: './' }, runtime: { python: { class: 'a:B' } } },
    says: /spec\.runtime\.python\.class is for one model/,
  },
];

for (const { name, spec, says } of refused)
  test(`a service file that says ${name} is refused, with the place`, async t => {
    const folder = service(t, spec, {
      ...OWN,
      'saved/saved_model.pb': '',
      'w.safetensors': '',
      'notes.txt': '',
    });
    const { code, stderr } = await run(['up', folder]);
    assert.match(stderr, says);
    assert.equal(code, 2);
  });

test('what is said of Python in flags must have an effect too', async () => {
  const { code, stderr } = await run(['serve', DIGITS, '--port', '0', '--interpreter', 'python3']);
  assert.deepEqual([code, /--interpreter has no effect on any of the models/.test(stderr)], [2, true]);
  const other = await run(['serve', DIGITS, '--port', '0', '--python', '{threads: 0}']);
  assert.match(other.stderr, /--python.*threads/s);
});

/** The models of `explain`, as far as they can be served. */
async function explained(path: string): Promise<readonly Explained[]> {
  const { stdout, stderr } = await run(['explain', path, '-o', 'json']);
  assert.equal(stderr, '');
  return (JSON.parse(stdout) as { arms: { models: Explained[] }[] }).arms.flatMap(({ models }) => models);
}

interface Explained {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly path: string }[];
  readonly settings: readonly { readonly setting: string; readonly value: unknown; readonly from: string }[];
}

const versionsOf = ([model]: readonly Explained[]): string[] => model?.versions.map(one => one.version) ?? [];

test('explain says of a model of Python what is said of its processes, and nothing of ONNX', async t => {
  const onOnnx = { instances: 3, place: 'threads', provider: 'cuda' };
  const folder = service(t, { models: [own, onnx], runtime: { onnx: onOnnx, python: { threads: 2 } } }, OWN);
  const [mine, other] = await explained(folder);
  assert.deepEqual(
    mine?.settings.map(({ setting, value, from }) => [setting, value, from]),
    [['threads', 2, 'spec.runtime.python.threads']],
  );
  assert.deepEqual(other?.settings.map(({ setting }) => setting).toSorted(), [
    'instances',
    'place',
    'provider',
  ]);
});

test("the author's class may have numbered versions, and other folders of numbers", async t => {
  const files = {
    'many/1/model.py': adds(1),
    'many/2/model.py': adds(2),
    'one/model.py': adds(3),
    'one/1/data.txt': '',
  };
  const python = { class: 'model:Model' };
  const many = service(t, { model: { uri: './many', versions: { all: {} }, runtime: { python } } }, files);
  assert.deepEqual(versionsOf(await explained(many)), ['1', '2']);
  const one = service(t, { model: { uri: './one' }, runtime: { python } }, files);
  assert.match((await explained(one))[0]?.versions[0]?.path ?? '', /\/one$/);
});

test('versions of a class are served beside each other, each from its own module', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const folder = tree(t, { '1/model.py': adds(1), '2/model.py': adds(2) });
  const python = ['--interpreter', interpreter, '--class', 'model:Model'];
  const { url } = await running(t, ['serve', `own=${folder}`, '--versions', 'all', ...python]);
  const ask = async (version: number): Promise<unknown> => {
    const body = JSON.stringify({ instances: [[1]] });
    const answer = await fetch(`${url}/v1/models/own/versions/${version}:predict`, { method: 'POST', body });
    return ((await answer.json()) as { predictions: unknown }).predictions;
  };
  assert.deepEqual([await ask(1), await ask(2)], [[[2]], [[3]]]);
});

test('a model is another when the module of its class is, beside a file as in a folder', async t => {
  const python = { class: 'model:Model' };
  const folder = service(
    t,
    { models: [{ name: 'm', uri: './m/weights.bin', runtime: { python } }] },
    { 'm/weights.bin': '', 'm/model.py': adds(1), 'm/notes.txt': '' },
  );
  const versions = async (): Promise<string[]> => versionsOf(await explained(folder));
  const before = await versions();
  writeFileSync(join(folder, 'm/notes.txt'), 'changed');
  assert.deepEqual(await versions(), before);
  writeFileSync(join(folder, 'm/model.py'), adds(2));
  assert.notDeepEqual(await versions(), before);
});

test('a model without a number has the same version in serve and in up', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const python = { interpreter, class: 'model:Model', threads: 2 };
  const folder = service(t, { model: { uri: './own', name: 'own' }, runtime: { python } }, OWN);
  const up = await running(t, ['up', folder]);
  const flags = ['--interpreter', interpreter, '--class', 'model:Model'];
  const serve = await running(t, ['serve', join(folder, 'own'), ...flags]);
  const [one, other] = await Promise.all([index(up.url), index(serve.url)]);
  assert.deepEqual(one, other);
  assert.match(up.stderr(), new RegExp(`${one[0]?.version}`));
});

/** Asked for 7, it dies, and whoever takes its place does not live. */
const DOOMED = `
import os
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def load(self, path):
        self.mark = f"{path}/doomed"
        if os.path.exists(self.mark):
            os._exit(1)
    def predict(self, inputs):
        if inputs["x"][0, 0] == 7:
            open(self.mark, "w").close()
            os._exit(1)
        return inputs["x"]
`;

test('whoever asks a model whose processes do not live is told at once, and does not wait', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const python = ['--interpreter', interpreter, '--class', 'model:Model', '--deadline', '5s'];
  const { url } = await running(t, ['serve', tree(t, { 'model.py': DOOMED }), '--name', 'm', ...python]);
  const ask = async (value: number): Promise<{ readonly status: number; readonly text: string }> => {
    const body = JSON.stringify({ inputs: [[value]] });
    const answer = await fetch(`${url}/predict`, { method: 'POST', body });
    return { status: answer.status, text: await answer.text() };
  };
  assert.equal((await ask(7)).status, 500);
  await until(async () => !(await fetch(`${url}/v2/models/m/ready`)).ok, 40);
  const { status, text } = await ask(1);
  assert.equal(status, 503, text);
  assert.match(text, /not ready/);
});

test('a repository has models of ONNX and of PyTorch, and clients load what came', async t => {
  const interpreter = pythonFor(t, 'numpy', 'torch');
  if (interpreter === undefined) return;
  const repository = tree(t, {});
  cpSync(TORCH, repository, { recursive: true });
  cpSync(dirname(DIGITS), join(repository, 'onnx/1'), { recursive: true });
  const file = {
    repository: { uri: repository },
    runtime: { python: { interpreter, threads: 1 } },
    server: { control: { explicit: {} } },
  };
  const { url } = await running(t, ['up', service(t, file)]);
  assert.deepEqual(
    (await index(url)).map(({ name, state }) => [name, state]),
    [
      ['digits', 'READY'],
      ['onnx', 'READY'],
    ],
  );
  cpSync(join(repository, 'digits'), join(repository, 'again'), { recursive: true });
  const loaded = await fetch(`${url}/v2/repository/models/again/load`, { method: 'POST' });
  assert.equal(loaded.status, 200, await loaded.text());
  assert.equal((await fetch(`${url}/v2/models/again/ready`)).status, 200);
});
