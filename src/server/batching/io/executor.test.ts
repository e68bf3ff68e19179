import assert from 'node:assert/strict';
import test from 'node:test';
import type { Clock } from '#base';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RunTimes } from '../../statistics/model-statistics.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { Executor, type ExecutorOptions } from './executor.ts';

const tensor = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const request = (...values: number[]) => ({ inputs: [tensor(...values)], rows: values.length });

interface Bench {
  readonly executor: Executor;
  /** The rows of each run so far. */
  readonly runs: number[];
  /** What was told of the runs that succeeded. */
  readonly told: { rows: number; times: RunTimes }[];
  /** Lets a run that waits go on. */
  readonly go: () => void;
  time: number;
}

/** An executor over a model that answers its input, refuses negative numbers, and waits when told to. */
function bench({ wait = false, ...options }: Partial<ExecutorOptions> & { wait?: boolean } = {}): Bench {
  const gates: (() => void)[] = [];
  const model: LoadedModel = {
    place: 'inline',
    width: 1,
    signature: { inputs: [], outputs: [], batched: true },
    run: async ([input]) => {
      if (input === undefined) return [];
      self.runs.push(input.shape[0] ?? 0);
      if (wait) await new Promise<void>(resolve => gates.push(resolve));
      if ((input.data as Float32Array).some(value => value < 0)) throw new Error('negative');
      return [input];
    },
    close: async () => {},
  };
  const clock: Clock = { now: () => self.time, date: () => new Date(0) };
  const told: Bench['told'] = [];
  const events = {
    queued: () => {},
    ran: (rows: number, times: RunTimes) => void told.push({ rows, times }),
  };
  const executor = new Executor({
    model,
    batched: true,
    maxRows: 4,
    mostWaitMs: 100,
    clock,
    events,
    ...options,
  });
  const self: Bench = { executor, runs: [], told, go: () => gates.shift()?.(), time: 0 };
  return self;
}

test('what is submitted in one turn runs together, up to the rows allowed', async () => {
  const { executor, runs } = bench();
  const outputs = [request(1), request(2, 3), request(4), request(5)].map(
    one => executor.submit(one).outputs,
  );
  assert.deepEqual(await Promise.all(outputs), [[tensor(1)], [tensor(2, 3)], [tensor(4)], [tensor(5)]]);
  assert.deepEqual(runs, [4, 1]);
});

test('a model that is not batched runs one request at a time', async () => {
  const { executor, runs } = bench({ batched: false });
  await Promise.all([request(1), request(2)].map(one => executor.submit(one).outputs));
  assert.deepEqual(runs, [1, 1]);
});

test('a failed run is tried again one by one, and only the one to blame fails', async () => {
  const { executor, runs } = bench();
  const outputs = [request(1), request(-1), request(3)].map(one => executor.submit(one).outputs);
  const settled = await Promise.allSettled(outputs);
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(runs, [3, 1, 1, 1]);
});

test('what is cancelled before its turn does not run', async () => {
  const state = bench({ wait: true, maxRows: 1 });
  const first = state.executor.submit(request(1));
  const second = state.executor.submit(request(2));
  const third = state.executor.submit(request(3));
  second.cancel();
  const gone = assert.rejects(second.outputs, { code: 'client_gone' });
  for (const { outputs } of [first, third]) {
    while (state.runs.length === 0) await new Promise(resolve => setImmediate(resolve));
    state.runs.length = 0;
    state.go();
    await outputs;
  }
  await gone;
});

test('what is cancelled is let go of at once, however long the run before it lasts', async () => {
  const state = bench({ wait: true, maxRows: 1 });
  const first = state.executor.submit(request(1));
  while (state.runs.length === 0) await new Promise(resolve => setImmediate(resolve));
  const second = state.executor.submit(request(2));
  second.cancel();
  await assert.rejects(second.outputs, { code: 'client_gone' });
  state.go();
  await first.outputs;
  assert.deepEqual(state.runs, [1]);
});

test('what waited past its deadline is refused when its turn comes', async () => {
  const state = bench({ wait: true, maxRows: 1 });
  const first = state.executor.submit(request(1));
  const second = state.executor.submit(request(2));
  while (state.runs.length === 0) await new Promise(resolve => setImmediate(resolve));
  state.time = 101;
  state.go();
  await first.outputs;
  await assert.rejects(second.outputs, { code: 'deadline_exceeded' });
  assert.deepEqual(state.runs, [1]);
});

test('a request is told how long it waited and what its run took, and the run is told once', async () => {
  const state = bench({ wait: true });
  const [first, second] = [request(1, 2), request(3)].map(one => state.executor.submit(one));
  state.time = 5;
  while (state.runs.length === 0) await new Promise(resolve => setImmediate(resolve));
  state.time = 12;
  state.go();
  await Promise.all([first?.outputs, second?.outputs]);
  assert.deepEqual(first?.times, { rows: 2, queueMs: 5, inputMs: 0, inferMs: 7, outputMs: 0 });
  assert.deepEqual(second?.times, { rows: 1, queueMs: 5, inputMs: 0, inferMs: 7, outputMs: 0 });
  assert.deepEqual(state.told, [{ rows: 3, times: { inputMs: 0, inferMs: 7, outputMs: 0 } }]);
});

test('a run that fails is no run that is told of', async () => {
  const { executor, told } = bench();
  const outputs = [request(1), request(-1)].map(one => executor.submit(one).outputs);
  await Promise.allSettled(outputs);
  assert.deepEqual(
    told.map(({ rows }) => rows),
    [1],
  );
});

test('it is idle once nothing waits or runs, and at once when nothing was asked', async () => {
  const state = bench({ wait: true, maxRows: 1 });
  await state.executor.idle();
  const submitted = [request(1), request(2)].map(one => state.executor.submit(one));
  let idle = false;
  const waiting = state.executor.idle().then(() => (idle = true));
  for (const { outputs } of submitted) {
    assert.equal(idle, false);
    while (state.runs.length === 0) await new Promise(resolve => setImmediate(resolve));
    state.runs.length = 0;
    state.go();
    await outputs;
  }
  await waiting;
});
