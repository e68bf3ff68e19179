/** The package as users install it: packed, installed in an empty folder, run with nothing of this repository. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { pythonFor } from '../src/server/runtimes/python/fixtures/python.ts';
import { until } from './programs/fairlead.ts';
import { root } from './source.ts';

const place = mkdtempSync(join(tmpdir(), 'fairlead-package-'));
const installed = join(place, 'node_modules', 'fairlead');
const program = join(place, 'node_modules', '.bin', 'fairlead');
/** The example comes with the package, so that the first command a user types has something to run. */
const example = join(installed, 'examples', 'digits');
const model = join(example, 'models', 'digits', '1');

/** As on a user's machine: this Node, no settings of the repository, and no download of GPU libraries. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_)/i.test(name))),
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  ONNXRUNTIME_NODE_INSTALL: 'skip',
};

const TWO_MINUTES = 120_000;

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const own = process.env['npm_execpath'];
  const [command, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  const options = { cwd, env, timeout: TWO_MINUTES, maxBuffer: 2 ** 26 };
  return (await promisify(execFile)(command, [...first, ...args], options)).stdout;
}

/** Runs the installed program to its end, within 20 s. */
async function run(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(program, args, { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', chunk => (text += String(chunk)));
  return () => text;
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  return (await ended)[0];
}

before(
  async () => {
    await npm(['pack', '--pack-destination', place], root);
    const [tarball = 'no tarball'] = readdirSync(place).filter(name => name.endsWith('.tgz'));
    await npm(['init', '--yes'], place);
    await npm(['install', join(place, tarball), '--prefer-offline', '--no-audit', '--no-fund'], place);
  },
  { timeout: TWO_MINUTES },
);

after(() => rmSync(place, { recursive: true, force: true }));

test('the package holds the program, its licences, the example, and no source or test', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).map(file =>
    file.replaceAll('\\', '/'),
  );
  const others = files
    .filter(
      file =>
        !/^(?:dist|examples)$|^dist\/(?:main|thread|model-thread|hash-thread|fairlead|chunk-\w+)\.js$|^dist\/python(?:\/|$)|^examples\/digits(?:\/|$)/.test(
          file,
        ),
    )
    .toSorted();
  assert.deepEqual(others, [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/THIRD_PARTY_LICENSES.txt',
    'dist/packages.json',
    'package.json',
  ]);
  const licences = readFileSync(join(installed, 'dist', 'THIRD_PARTY_LICENSES.txt'), 'utf8');
  for (const name of ['commander', 'yaml', 'zod'])
    assert.match(licences, new RegExp(`^${name} [\\d.]+ \\(`, 'm'));
});

test('the program says what it can do, and its version', async () => {
  const [help, version] = [await run(['--help']), await run(['--version'])];
  assert.deepEqual([help.code, help.stderr], [0, '']);
  assert.match(help.stdout, /^Usage: fairlead .*\n[\s\S]* {2}serve /);
  const { version: expected } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  assert.deepEqual(version, { code: 0, stdout: `${expected}\n`, stderr: '' });
});

test('a fault of the user ends with one sentence, a hint and exit code 2', async () => {
  const { code, stdout, stderr } = await run(['serve', 'nowhere.onnx']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^fairlead: \S+nowhere\.onnx: the model is not there\n {2}hint: .*\n$/);
});

/** Starts a verb that serves, and waits until it does. */
async function serving(
  t: TestContext,
  args: readonly string[],
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(program, [...args, '--port', '0'], {
    cwd: place,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => stop(child));
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  // Up tells its servers' addresses too; the gateway's is the one it serves at.
  const url = (): string | undefined =>
    /^(http:\S+)\n/.exec(stdout())?.[1] ?? / serves at (http:\/\/[\d.]+:\d+)/.exec(stderr())?.[1];
  await until(async () => {
    assert.equal(child.exitCode, null, stderr());
    const address = url();
    return address !== undefined && (await fetch(`${address}/health`)).ok;
  });
  return { child, url: url() ?? '' };
}

async function predict(url: string): Promise<unknown> {
  const answer = await fetch(`${url}/predict`, {
    method: 'POST',
    body: readFileSync(join(example, 'request.json')),
  });
  assert.equal(answer.status, 200);
  return ((await answer.json()) as Record<string, unknown>)['model_version'];
}

test('serve answers a prediction, and ends well on SIGTERM', async t => {
  const { child, url } = await serving(t, ['serve', model]);
  assert.equal(await predict(url), '1');
  assert.equal(await stop(child), 0);
});

test('serve reads a large body in its other thread, which is a program of its own', async t => {
  const { url } = await serving(t, ['serve', model]);
  const { inputs } = JSON.parse(readFileSync(join(example, 'request.json'), 'utf8')) as {
    inputs: [number[]];
  };
  const rows = Array.from({ length: 5000 }, () => inputs[0]);
  const answer = await fetch(`${url}/predict`, { method: 'POST', body: JSON.stringify({ inputs: rows }) });
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(((await answer.json()) as { predictions: unknown[] }).predictions.length, 5000);
});

test('serve runs a model in a worker thread, which is a program of its own too', async t => {
  const { child, url } = await serving(t, ['serve', model, '--place', 'threads', '--instances', '2']);
  assert.equal(await predict(url), '1');
  assert.equal(await stop(child), 0);
});

test('up starts both servers of the example by itself, and ends well on SIGTERM', async t => {
  const { child, url } = await serving(t, ['up', example]);
  const versions = new Set<unknown>();
  for (let count = 0; count < 20; count++) versions.add(await predict(url));
  assert.deepEqual([...versions].map(String).toSorted(), ['1', '2']);
  assert.equal(await stop(child), 0);
});

test('serve runs a model of Python, whose worker is part of the package', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const folder = mkdtempSync(join(place, 'python-'));
  writeFileSync(join(folder, 'model.py'), TWICE);
  const python = { interpreter, class: 'model:Twice' };
  const list = join(folder, 'models.json');
  writeFileSync(list, JSON.stringify([{ name: 'twice', uri: '.', version: '7', runtime: { python } }]));
  const { child, url } = await serving(t, ['serve', '--models', list]);
  const answer = await fetch(`${url}/predict`, { method: 'POST', body: '{"inputs":[[1,2.5]]}' });
  const { predictions, model_version: version } = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual([predictions, version], [[[2, 5]], '7']);
  assert.equal(await stop(child), 0);
});

const TWICE = `
class Twice:
    inputs = {"x": ("FP32", [-1, 2])}
    def predict(self, inputs):
        return inputs["x"] * 2
`;

test('without the optional runtime it says what to install', async () => {
  rmSync(join(place, 'node_modules', 'onnxruntime-node'), { recursive: true });
  const { code, stderr } = await run(['serve', model, '--port', '0']);
  assert.equal(code, 3);
  assert.match(
    stderr,
    /fairlead: the onnx runtime does not load: .*\n {2}hint: install it beside fairlead: .*npm install/,
  );
});
