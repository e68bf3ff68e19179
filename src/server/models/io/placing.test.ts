/** Where real models come to run, and how they move. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { systemClock } from '#base';
import { identityModel, modelFile } from '../../fixtures/onnx-file.ts';
import { slowModel } from '../../fixtures/slow-model.ts';
import { onnxRuntime } from '../../runtimes/io/onnx.ts';
import type { LoadedModel, Runtime } from '../../runtimes/port.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { type ModelSettings, usualSettings } from '../settings.ts';
import { loadPlaced, type Placed } from './placing.ts';

interface Bench extends Placed {
  /** What was loaded, in order. */
  readonly loads: readonly string[];
  /** Messages and their facts. */
  readonly told: readonly (readonly [string, object])[];
}

/** Milliseconds that a run is said to take: what it really takes differs with what else the machine does. */
type MsOf = (input: Tensor) => number;

const quick: MsOf = () => 0.05;
/** A row of one element is what is made up where the length is free. */
const quickWhenShort: MsOf = ({ shape }) => (shape[1] === 1 ? 0.05 : 20);

/** A real model, some of whose members are others. */
function altered<T extends LoadedModel>(model: T, members: Readonly<Record<string, () => unknown>>): T {
  return new Proxy(model, {
    get(_, name) {
      const other = members[String(name)];
      if (other !== undefined) return other();
      const value: unknown = Reflect.get(model, name, model);
      return typeof value === 'function' ? (value.bind(model) as unknown) : value;
    },
  });
}

/** A real model that says other times than it takes. */
function saying<T extends LoadedModel>(model: T, msOf: MsOf): T {
  let lastMs = 0;
  const run: T['run'] = inputs => {
    lastMs = inputs[0] === undefined ? 0 : msOf(inputs[0]);
    return model.run(inputs);
  };
  return altered(model, { run: () => run, lastMs: () => lastMs, buildMs: () => 1 });
}

interface Wanted {
  readonly settings?: Partial<ModelSettings>;
  readonly serving?: boolean;
  readonly takes: MsOf;
}

async function placed(
  t: TestContext,
  bytes: Buffer,
  { settings = {}, serving = false, takes }: Wanted,
): Promise<Bench> {
  const loads: string[] = [];
  const told: [string, object][] = [];
  const runtime: Runtime = {
    ...onnxRuntime,
    load: async (path, options) => {
      loads.push('inline');
      return saying(await onnxRuntime.load(path, options), takes);
    },
    beside: {
      ...onnxRuntime.beside,
      spawn: async (path, options) => {
        loads.push(`threads ${options.instances}`);
        return saying(await onnxRuntime.beside.spawn(path, options), takes);
      },
    },
  };
  const logger = {
    enabled: () => true,
    log: (_: string, message: string, facts: object = {}) => void told.push([message, facts]),
  };
  const ports = { clock: systemClock, logger, runtime, serving: () => serving };
  const result = await loadPlaced(
    { path: modelFile(t, bytes), facts: { model: 'm' } },
    { ...usualSettings, maxRows: 8, ...settings },
    ports,
  );
  t.after(() => result.model.close());
  return { ...result, loads, told };
}

const zeros = (rows: number, length: number): Tensor => ({
  datatype: 'FP32',
  shape: [rows, length],
  data: new Float32Array(rows * length),
});

test('a small quick model starts no thread', async t => {
  const { model, loads, warmth } = await placed(t, identityModel(1, ['N', 4]), { takes: quick });
  assert.deepEqual(loads, ['inline']);
  assert.deepEqual([model.place, model.width], ['inline', 1]);
  assert.match(model.because ?? '', /^1 row takes [\d.]+ ms, 8 rows take [\d.]+ ms$/);
  assert.deepEqual(
    warmth.measured?.map(({ rows }) => rows),
    [1, 2, 4, 8],
  );
});

test('while others are served it is tried in a thread, and then put on the event loop', async t => {
  const { model, loads } = await placed(t, identityModel(1, ['N', 4]), { takes: quick, serving: true });
  assert.deepEqual(loads, ['threads 1', 'inline']);
  assert.equal(model.place, 'inline');
  assert.equal((await model.run([zeros(2, 4)]))[0]?.data.length, 8);
});

test('a model whose thread dies while it is tried is loaded once more', async t => {
  let killed = 0;
  const { beside } = onnxRuntime;
  const spawn: typeof beside.spawn = async (path, options) => {
    const model = await beside.spawn(path, options);
    const run = (): Promise<never> => {
      options.notice({ kind: 'died', problem: 'killed', deaths: 1 });
      return Promise.reject(new Error('killed'));
    };
    return killed++ === 0 ? altered(model, { run: () => run }) : model;
  };
  const { model, warmth } = await loadPlaced(
    { path: modelFile(t, identityModel(1, ['N', 4])), facts: {} },
    { ...usualSettings, place: 'threads', instances: 1 },
    {
      clock: systemClock,
      logger: { enabled: () => false, log: () => {} },
      runtime: { ...onnxRuntime, beside: { ...beside, spawn } },
    },
  );
  t.after(() => model.close());
  assert.equal(killed, 2);
  assert.equal(warmth.batched, true, 'what was found out beside a death is not believed');
  assert.equal(model.width, 1);
});

test('a slow model runs in threads', async t => {
  const { model, warmth } = await placed(t, slowModel(4, 100), {
    settings: { instances: 2 },
    takes: () => 25,
  });
  assert.deepEqual([model.place, model.width], ['threads', 2]);
  assert.equal(model.because, '1 row takes 25 ms, more than 1 ms');
  assert.deepEqual(warmth.measured?.[0], { rows: 1, ms: 25 });
});

test('a large file is tried in a thread, which is one of those that it stays in', async t => {
  const weights = { w: Array.from({ length: 2 ** 19 }, () => 1) };
  const settings = { instances: 2, place: 'threads' } as const;
  const { model, loads, memory } = await placed(t, identityModel(1, ['N'], weights), {
    settings,
    takes: quick,
  });
  assert.deepEqual(loads, ['threads 1']);
  assert.equal(model.width, 2);
  assert(memory >= 2 * 2 ** 21, `${memory} bytes`);
});

test('a slow model stays where it is wanted', async t => {
  const { model } = await placed(t, slowModel(4, 100), {
    settings: { place: 'inline' },
    takes: () => 25,
  });
  for (let count = 0; count < 8; count++) await model.run([zeros(1, 100)]);
  await model.close();
  assert.equal(model.place, 'inline');
});

/** More than there is time for until a thread has started. */
const MOST_RUNS = 100_000;

/** Runs it until it is in threads. */
async function untilMoved(model: LoadedModel, told: Bench['told']): Promise<number> {
  let runs = 0;
  for (; told.length === 0 && runs < MOST_RUNS; runs++) {
    const [output] = await model.run([zeros(1, 200)]);
    assert.equal(output?.data.length, 200);
  }
  return runs;
}

test('a model whose requests are slower than what was made up moves to threads, and no run fails', async t => {
  const { model, loads, told } = await placed(t, slowModel(2), {
    settings: { instances: 2 },
    takes: quickWhenShort,
  });
  assert.deepEqual(loads, ['inline']);
  const answers = await Promise.all([untilMoved(model, told), untilMoved(model, told)]);
  assert(Math.max(...answers) < MOST_RUNS, 'it did not move');
  assert.deepEqual(loads, ['inline', 'threads 2']);
  assert.deepEqual([model.place, model.width], ['threads', 2]);
  assert.match(told[0]?.[0] ?? '', /^model moved to threads/);
  assert.match(model.because ?? '', /turned out slow/);
});

test('a model that is closed while it moves leaves nothing behind', async t => {
  const { model, told } = await placed(t, slowModel(2), {
    settings: { instances: 2 },
    takes: quickWhenShort,
  });
  for (let count = 0; count < 4; count++) await model.run([zeros(1, 200)]);
  await model.close();
  await model.close();
  assert.equal(told.length, 1, 'it was not on its way');
  assert.equal(model.width, 0);
});

test('a quick model that is used a lot stays', async t => {
  const { model, told } = await placed(t, identityModel(1, ['N', 's']), { takes: quick });
  for (let count = 0; count < 2000; count++) await model.run([zeros(1, 16)]);
  assert.deepEqual([model.place, told], ['inline', []]);
});
