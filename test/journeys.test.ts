import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { root, run, running, until } from './programs/fairlead.ts';

interface Reference {
  readonly pixels: readonly (readonly number[])[];
  readonly '1': Answers;
  readonly '2': Answers;
}

interface Answers {
  readonly class: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
}

const digits = join(root, 'examples', 'digits');
const reference = JSON.parse(readFileSync(join(digits, 'reference.json'), 'utf8')) as Reference;
const sample = readFileSync(join(digits, 'request.json'), 'utf8');

/** A copy of the example, to be edited. */
async function copyOfDigits(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-digits-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(digits, folder, { recursive: true });
  return folder;
}

async function postJson(
  url: string,
  body: unknown,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

function check(row: number, probabilities: readonly number[], expected: Answers): void {
  assert.equal(probabilities.indexOf(Math.max(...probabilities)), expected.class[row], `class of row ${row}`);
  for (const [index, value] of probabilities.entries()) {
    const wanted = expected.probabilities[row]?.[index] ?? Number.NaN;
    assert(Math.abs(value - wanted) <= 1e-5, `row ${row}, class ${index}: ${value} is not ${wanted}`);
  }
}

test('up splits 1,000 requests 900 to 100, and each answer says which version it is from', async t => {
  const { url } = await running(t, ['up', 'examples/digits']);
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < 1000; sent += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => postJson(`${url}/predict`, sample)));
    for (const { status, answer } of answers) {
      assert.equal(status, 200);
      const version = String(answer['model_version']);
      counts[version] = (counts[version] ?? 0) + 1;
    }
  }
  assert.deepEqual(counts, { '1': 900, '2': 100 });
});

for (const version of ['1', '2'] as const) {
  test(`all ${reference.pixels.length} digits have version ${version}'s class and probabilities through each protocol`, async t => {
    const { url } = await running(t, ['serve', join(digits, 'models', 'digits', version)]);
    const { pixels } = reference;
    const predict = await postJson(`${url}/predict`, { inputs: pixels });
    const rows = await postJson(`${url}/v1/models/digits:predict`, { instances: pixels });
    const columns = await postJson(`${url}/v1/models/digits/versions/${version}:predict`, {
      inputs: { pixels },
    });
    const tensor = { name: 'pixels', datatype: 'FP32', shape: [pixels.length, 64], data: pixels.flat() };
    const v2 = await postJson(`${url}/v2/models/digits/infer`, { inputs: [tensor] });
    const flat = (v2.answer['outputs'] as { data: number[] }[])[0]?.data ?? [];
    const nested = pixels.map((_, row) => flat.slice(row * 10, row * 10 + 10));
    for (const answers of [
      predict.answer['predictions'],
      rows.answer['predictions'],
      columns.answer['outputs'],
      nested,
    ]) {
      assert.equal((answers as number[][]).length, pixels.length);
      for (const [row, probabilities] of (answers as number[][]).entries())
        check(row, probabilities, reference[version]);
    }
  });
}

test('one row a request, 32 at a time, gives each row its own answer', async t => {
  const { url } = await running(t, ['serve', join(digits, 'models', 'digits', '2')]);
  for (let from = 0; from < 320; from += 32) {
    const rows = reference.pixels.slice(from, from + 32);
    const answers = await Promise.all(rows.map(row => postJson(`${url}/predict`, { inputs: [row] })));
    for (const [index, { answer }] of answers.entries())
      check(from + index, (answer['predictions'] as number[][])[0] ?? [], reference['2']);
  }
});

test('the example with several inputs and types answers as its reference', async t => {
  const { url } = await running(t, ['up', 'examples/diabetes']);
  const expected = JSON.parse(readFileSync(join(root, 'examples', 'diabetes', 'reference.json'), 'utf8')) as {
    inputs: Record<string, unknown[]>;
    '1': { progression: number[]; high_risk: boolean[] };
  };
  const { answer } = await postJson(`${url}/predict`, { inputs: expected.inputs });
  const predictions = answer['predictions'] as { progression: number; high_risk: boolean }[];
  assert.equal(predictions.length, expected['1'].progression.length);
  for (const [row, { progression, high_risk }] of predictions.entries()) {
    assert(Math.abs(progression - (expected['1'].progression[row] ?? 0)) < 1e-2);
    assert.equal(high_risk, expected['1'].high_risk[row]);
  }
});

test('editing the file moves the traffic, and a fault in it changes nothing', async t => {
  const folder = await copyOfDigits(t);
  const file = join(folder, 'fairlead.yaml');
  const { url, stderr } = await running(t, ['up', folder]);
  const text = readFileSync(file, 'utf8');
  let failed = 0;
  let sent = 0;
  const enough = new AbortController();
  const load = (async () => {
    while (!enough.signal.aborted) {
      sent++;
      if ((await postJson(`${url}/predict`, sample)).status !== 200) failed++;
    }
  })();
  writeFileSync(file, text.replace(/weight: 10/, 'wieght: 10'));
  await until(() => stderr().includes("wieght is not a known key; did you mean 'weight'?"));
  writeFileSync(file, text.replace(/digits\/1/, 'digits/2').replace(/candidate:[^]*$/, ''));
  await until(() => stderr().includes('Applied'));
  const versions = new Set<unknown>();
  for (let count = 0; count < 20; count++)
    versions.add((await postJson(`${url}/predict`, sample)).answer['model_version']);
  enough.abort();
  await load;
  assert.deepEqual([...versions], ['2']);
  assert(sent > 20, `${sent} requests were sent meanwhile`);
  assert.equal(failed, 0);
});

test('a path that names a version reaches it, whatever the weights are', async t => {
  const { url } = await running(t, ['up', 'examples/digits']);
  for (const version of ['1', '2', '1', '2']) {
    const { status, answer } = await postJson(`${url}/v2/models/digits/versions/${version}/infer`, {
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: reference.pixels[0] }],
    });
    assert.equal(status, 200);
    assert.equal(answer['model_version'], version);
  }
  const unknown = await postJson(`${url}/v2/models/digits/versions/9/infer`, { inputs: [] });
  assert.equal(unknown.status, 404);
});

test('the printed curl line is a request that works', async t => {
  const { url, stderr } = await running(t, ['up', 'examples/digits/models/digits/1']);
  await until(() => stderr().includes('curl -s'));
  const [, address, body = ''] = /curl -s (\S+) -d '([^']*)'/.exec(stderr()) ?? [];
  assert.equal(address, `${url}/predict`);
  assert.equal((await postJson(`${url}/predict`, body)).status, 200);
});

test('MODEL_PATH, MODEL_NAME and MODEL_VERSION are enough, as for a hand-written server', async t => {
  const { url } = await running(t, ['serve'], {
    MODEL_PATH: join(digits, 'models', 'digits', '1', 'model.onnx'),
    MODEL_NAME: 'mine',
    MODEL_VERSION: 'spring',
  });
  const { answer } = await postJson(`${url}/predict`, sample);
  assert.equal(answer['model_version'], 'spring');
  assert.equal((await fetch(`${url}/v2/models/mine`)).status, 200);
});

test('SIGTERM and Ctrl-C end serve and up with 0', async t => {
  const server = await running(t, ['serve', 'examples/digits/models/digits/1']);
  assert.equal(await server.stop('SIGTERM'), 0);
  const service = await running(t, ['up', 'examples/digits']);
  assert.equal(await service.stop('SIGINT'), 0);
});

test('--help and --version answer on stdout', async () => {
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /fairlead up examples\/digits/);
  for (const verb of ['up', 'serve', 'schema'])
    assert.match((await run([verb, '--help'])).stdout, /Examples?:\n {2}(MODEL_PATH=\S+ )?fairlead/);
  assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});
