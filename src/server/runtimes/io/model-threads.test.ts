/** Models in worker threads: what goes in and comes out, what dies, and how it ends. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import test, { type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { hardTensor } from '../../fixtures/hard-tensor.ts';
import { elementTypes, identityModel, modelFile, onnxModel } from '../../fixtures/onnx-file.ts';
import { slowModel } from '../../fixtures/slow-model.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { rawBytes } from '../../tensors/raw.ts';
import { type Datatype, datatypes, type Tensor } from '../../tensors/tensor.ts';
import type { InstancedModel, InstanceNotice, SpawnOptions } from '../port.ts';
import { openThreads } from './model-threads.ts';
import { onnxRuntime } from './onnx.ts';

const quiet = { threads: 1, provider: 'cpu', instances: 1, notice: () => {} } as const;

async function spawned(
  t: TestContext,
  bytes: Buffer,
  options: Partial<SpawnOptions> = {},
): Promise<InstancedModel> {
  const model = await onnxRuntime.beside.spawn(modelFile(t, bytes), { ...quiet, ...options });
  t.after(() => model.close());
  return model;
}

const row = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [1, values.length],
  data: Float32Array.from(values),
});

const zeros = (length: number): Tensor => ({
  datatype: 'FP32',
  shape: [1, length],
  data: new Float32Array(length),
});

const hard = (datatype: Datatype): Tensor => hardTensor(datatype, ['', 'héllo', 'a'.repeat(100_000), '']);

for (const datatype of datatypes) {
  test(`a ${datatype} tensor comes through a thread bit by bit`, async t => {
    const model = await spawned(t, identityModel(elementTypes[datatype], ['N']));
    const before = rawBytes(hard(datatype));
    const [output] = await model.run([hard(datatype)]);
    assert(output !== undefined);
    assert.equal(output.datatype, datatype);
    assert.deepEqual(output.shape, [4]);
    assert.deepEqual(rawBytes(output), before);
  });
}

test('a tensor of 64 MiB moves into the thread and out of it', async t => {
  const model = await spawned(t, identityModel(1, ['N']));
  const input: Tensor = { datatype: 'FP32', shape: [2 ** 24], data: new Float32Array(2 ** 24).fill(1.5) };
  const [output] = await model.run([input]);
  assert.equal(input.data.length, 0, 'it was copied');
  assert.equal(output?.data.length, 2 ** 24);
  assert.equal(output.data.at(-1 as never), 1.5);
});

test('the event loop turns while a slow model runs', async t => {
  const model = await spawned(t, slowModel(8));
  let turns = 0;
  let running = true;
  const turn = (): void => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await model.run([zeros(800)]);
  running = false;
  // On the loop itself it would have been one or two.
  assert(turns > 20, `${turns} turns`);
});

/** The niceness of each thread of this process. */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map(thread => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

test('the thread of a model lets the event loop go first', async t => {
  if (process.platform !== 'linux') {
    t.skip('only Linux has priorities of threads');
    return;
  }
  const before = getPriority();
  await spawned(t, slowModel());
  assert(niceness().includes(10), niceness().join());
  assert.equal(getPriority(), before);
});

test('so many runs go on at once as it has threads, and one more waits', async t => {
  const model = await spawned(t, slowModel(), { instances: 2 });
  assert.equal(model.width, 2);
  const answers = await Promise.all([1, 2, 3].map(value => model.run([row(value)])));
  assert.deepEqual(
    answers.map(([y]) => y?.data[0 as never]),
    [1, 2, 3].map(value => value ** 4),
  );
});

test('what a model hands through comes back whole, though its input is let go of', async t => {
  const model = await spawned(t, identityModel(elementTypes.FP32, ['N']));
  const data = Float32Array.from({ length: 1_000_000 }, (_, index) => index);
  for (let round = 0; round < 3; round++) {
    const [y] = await model.run([{ datatype: 'FP32', shape: [data.length], data: data.slice() }]);
    assert.deepEqual(y?.data, data);
  }
});

test('inputs that lie in one memory are let go of together', async t => {
  const bytes = onnxModel({
    inputs: ['a', 'b'].map(name => ({ name, type: elementTypes.FP32, shape: ['N'] })),
    outputs: [{ name: 'y', type: elementTypes.FP32, shape: ['N'] }],
    nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['y'] }],
  });
  const model = await spawned(t, bytes);
  const memory = new Float32Array(20_000).fill(1).buffer;
  const half = (from: number): Tensor => ({
    datatype: 'FP32',
    shape: [10_000],
    data: new Float32Array(memory, from, 10_000),
  });
  const [y] = await model.run([half(0), half(40_000)]);
  assert.deepEqual(y?.data, new Float32Array(10_000).fill(2));
});

test('a fault of a request comes out of the thread as it is', async t => {
  const model = await spawned(t, identityModel(elementTypes.BYTES, ['N']));
  const run = model.run([{ datatype: 'BYTES', shape: [1], data: ByteStrings.of([Buffer.from([0xff])]) }]);
  await assert.rejects(run, { code: 'input_invalid', message: /element 0 of a string input is not UTF-8/ });
});

test('what is no model is told when its threads are made, and none is left', async t => {
  const options = { ...quiet, instances: 2 };
  const bytes = identityModel(1, ['N']);
  // The header is sound, and the rest is not.
  bytes.write('Idontity', bytes.indexOf('Identity'));
  await assert.rejects(async () => onnxRuntime.beside.spawn(modelFile(t, bytes), options), {
    code: 'model_invalid',
    message: /Idontity/,
  });
});

/** Threads that die when a request holds 13: each kind of death. */
const deaths = {
  'an uncaught error': `setImmediate(() => { throw new Error('planted'); })`,
  'the end of its heap': '{ let chain; for (;;) chain = { chain }; }',
  'an exit': 'process.exit(3)',
};

/** The program of a thread. */
const THREAD = `import(${JSON.stringify(new URL('./model-thread.ts', import.meta.url))});`;

const spec = { name: 'x', datatype: 'FP32', shape: [-1, -1] } as const;
const signature = { inputs: [spec], outputs: [{ ...spec, name: 'y' }], batched: true };

interface Mortality {
  readonly path: string;
  readonly notice: (notice: InstanceNotice) => void;
  readonly instances?: number;
}

async function mortal(
  t: TestContext,
  death: string,
  { path, notice, instances = 2 }: Mortality,
): Promise<InstancedModel> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ kind, inputs }) => { if (kind === 'run' && inputs[0].data[0] === 13) ${death}; });
    ${THREAD}`;
  const model = await openThreads({
    path,
    signature,
    options: { ...quiet, instances, notice },
    start: () => new Worker(source, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 64 } }),
  });
  t.after(() => model.close());
  return model;
}

for (const [name, death] of Object.entries(deaths)) {
  test(`a thread that dies of ${name} fails its own run only, and comes back`, async t => {
    const notices: InstanceNotice[] = [];
    const back = Promise.withResolvers<void>();
    const model = await mortal(t, death, {
      path: modelFile(t, slowModel()),
      notice: notice => {
        notices.push(notice);
        if (notice.kind === 'restarted') back.resolve();
      },
    });
    const [good, bad] = await Promise.allSettled([model.run([row(2)]), model.run([row(13)])]);
    assert.equal(good.status, 'fulfilled');
    assert.equal(bad.status, 'rejected');
    assert.match(String(bad.reason), /the worker thread that ran the model died: /);
    assert.equal((bad.reason as { code: string }).code, 'inference_failed');
    assert.equal(model.width, 1);
    await model.run([row(2)]);
    await back.promise;
    assert.equal(model.width, 2);
    assert.deepEqual(
      notices.map(({ kind }) => kind),
      ['died', 'restarted'],
    );
    assert.equal((await model.run([row(2)]))[0]?.data[0 as never], 16);
  });
}

test('a thread whose file is gone is said not to come back, and does when the file is there again', async t => {
  const path = modelFile(t, slowModel());
  const notices: InstanceNotice[] = [];
  const [hopeless, back] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const model = await mortal(t, deaths['an exit'], {
    path,
    notice: notice => {
      notices.push(notice);
      if (notice.kind === 'hopeless') hopeless.resolve();
      if (notice.kind === 'restarted') back.resolve();
    },
  });
  renameSync(path, `${path}.away`);
  await assert.rejects(model.run([row(13)]), { code: 'inference_failed' });
  // What goes well elsewhere does not hurry it.
  await model.run([row(2)]);
  await hopeless.promise;
  assert.equal(model.width, 1);
  renameSync(`${path}.away`, path);
  await back.promise;
  assert.equal(model.width, 2);
  const told = notices.map(({ kind, deaths: count }) => `${kind} ${count}`);
  assert.deepEqual(told.slice(0, 5), ['died 1', 'died 2', 'died 3', 'died 4', 'hopeless 5']);
});

test('a thread that dies while it loads is replaced once', async t => {
  const dying = `require('node:worker_threads').parentPort.on('message', () => process.exit(3));`;
  const open = (deadly: number): Promise<InstancedModel> => {
    let started = 0;
    const start = (): Worker => new Worker(started++ < deadly ? dying : THREAD, { eval: true });
    return openThreads({ path: modelFile(t, slowModel()), signature, options: quiet, start });
  };
  const model = await open(1);
  t.after(() => model.close());
  assert.equal((await model.run([row(2)]))[0]?.data[0 as never], 16);
  await assert.rejects(open(2), { code: 'inference_failed', message: /worker thread .* died/ });
});

test('a model is hopeless from when its only thread keeps dying until it lives', async t => {
  const path = modelFile(t, slowModel());
  const [hopeless, back] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const model = await mortal(t, deaths['an exit'], {
    path,
    instances: 1,
    notice: ({ kind }) => {
      if (kind === 'hopeless') hopeless.resolve();
      if (kind === 'restarted') back.resolve();
    },
  });
  renameSync(path, `${path}.away`);
  await assert.rejects(model.run([row(13)]), { code: 'inference_failed' });
  assert.equal(model.hopeless, false, 'a thread may die once');
  await hopeless.promise;
  assert.equal(model.hopeless, true);
  renameSync(`${path}.away`, path);
  await back.promise;
  assert.equal(model.hopeless, false);
});

test('a thread does not come back with another model that was put in the place of its own', async t => {
  const path = modelFile(t, slowModel());
  const second = Promise.withResolvers<InstanceNotice>();
  const notice = (told: InstanceNotice): void => {
    if (told.deaths === 2) second.resolve(told);
  };
  const model = await mortal(t, deaths['an exit'], { path, notice });
  writeFileSync(path, slowModel(2));
  await assert.rejects(model.run([row(13)]), { code: 'inference_failed' });
  assert.match((await second.promise).problem ?? '', /the file was changed after the model was loaded/);
  assert.equal(model.width, 1);
});

test('closing lets the run that is under way come to its end', async t => {
  const model = await spawned(t, slowModel());
  const run = model.run([zeros(600)]);
  await model.close();
  assert.equal((await run)[0]?.data.length, 600);
  assert.equal(model.width, 0);
  await assert.rejects(model.run([row(1)]), { code: 'inference_failed', message: /closed/ });
});

test('50 reloads leave no memory and no thread behind', async t => {
  const weights = { w: Array.from({ length: 2 ** 20 }, () => 1) };
  const path = modelFile(t, identityModel(1, ['N'], weights));
  const reload = async (): Promise<void> => {
    const model = await onnxRuntime.beside.spawn(path, quiet);
    await model.run([{ datatype: 'FP32', shape: [1], data: Float32Array.of(1) }]);
    await model.close();
  };
  for (let count = 0; count < 10; count++) await reload();
  const before = process.memoryUsage.rss();
  for (let count = 0; count < 40; count++) await reload();
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  // A session that is left behind keeps 4 MiB of weights, and its thread more.
  assert(grown < 80, `${grown} MiB more`);
  assert.equal(process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length, 0);
});
