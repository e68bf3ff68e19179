import assert from 'node:assert/strict';
import test from 'node:test';
import type { Clock } from '#base';
import type { Drop, Flush } from '#spec';
import { type ModelSettings, usualSettings } from '../../models/settings.ts';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RunTimes } from '../../statistics/model-statistics.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import type { RunTime } from '../latency.ts';
import { Cores } from '../slots.ts';
import { Executor } from './executor.ts';

const tensor = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const request = (...values: number[]) => ({ inputs: [tensor(...values)], rows: values.length });

interface Wanted {
  /** Whether runs wait until they are told to go on. */
  readonly wait?: boolean;
  readonly batched?: boolean;
  readonly width?: number;
  readonly settings?: Partial<ModelSettings>;
  readonly measured?: readonly RunTime[];
  readonly cores?: Cores;
  readonly place?: 'inline' | 'threads';
}

/** An executor over a model that answers its input and refuses negative numbers. */
class Bench {
  time = 0;
  width: number;
  /** The rows of each run so far. */
  readonly runs: number[] = [];
  readonly told: { rows: number; times: RunTimes; flush: Flush }[] = [];
  readonly drops: Drop[] = [];
  waiting = 0;
  readonly executor: Executor;
  readonly #gates: (() => void)[] = [];

  constructor({
    wait = false,
    batched = true,
    width = 1,
    settings,
    measured = [],
    cores,
    place,
  }: Wanted = {}) {
    this.width = width;
    const clock: Clock = { now: () => this.time, date: () => new Date(0) };
    const widthNow = (): number => this.width;
    const model: LoadedModel = {
      place: place ?? 'inline',
      get width() {
        return widthNow();
      },
      signature: { inputs: [], outputs: [], batched: true },
      run: inputs => this.#run(inputs, wait),
      close: async () => {},
    };
    const events = {
      queued: () => {},
      ran: (rows: number, times: RunTimes, flush: Flush) => void this.told.push({ rows, times, flush }),
      dropped: (reason: Drop) => void this.drops.push(reason),
      waiting: (rows: number) => void (this.waiting = rows),
    };
    this.executor = new Executor({
      name: 'm',
      model,
      batched,
      settings: { ...usualSettings, maxRows: 4, deadlineMs: 100, ...settings },
      measured: { key: ';', runs: measured },
      cores: cores ?? new Cores(width),
      clock,
      events,
    });
  }

  ask(values: readonly number[], deadlineMs?: number, priority?: number) {
    const terms = {
      since: this.time,
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(priority !== undefined && { priority }),
    };
    return this.executor.submit(request(...values), terms);
  }

  /** Waits for so many runs to have begun. */
  async begun(count: number): Promise<void> {
    while (this.runs.length < count) await turn();
  }

  /** Lets the oldest run that waits go on, `ms` later. */
  go(ms = 0): void {
    this.time += ms;
    this.#gates.shift()?.();
  }

  async #run([input]: readonly Tensor[], wait: boolean): Promise<readonly Tensor[]> {
    if (input === undefined) return [];
    this.runs.push(input.shape[0] ?? 0);
    if (wait) await new Promise<void>(resolve => this.#gates.push(resolve));
    if ((input.data as Float32Array).some(value => value < 0)) throw new Error('negative');
    return [input];
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** Long enough for timers of a few milliseconds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause();
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 1));
}

test('what is submitted in one turn runs together, up to the rows allowed', async () => {
  const bench = new Bench();
  const outputs = [[1], [2, 3], [4], [5]].map(values => bench.ask(values).outputs);
  assert.deepEqual(await Promise.all(outputs), [[tensor(1)], [tensor(2, 3)], [tensor(4)], [tensor(5)]]);
  assert.deepEqual(bench.runs, [4, 1]);
  assert.deepEqual(
    bench.told.map(({ rows, flush }) => [rows, flush]),
    [
      [4, 'full'],
      [1, 'idle'],
    ],
  );
});

test('a model that is not batched runs one request at a time', async () => {
  const bench = new Bench({ batched: false });
  await Promise.all([[1], [2]].map(values => bench.ask(values).outputs));
  assert.deepEqual(bench.runs, [1, 1]);
});

test('requests of no rows take a place each: they join nobody where nothing is batched', async () => {
  const bench = new Bench({ batched: false, settings: { maxRows: 1 } });
  const outputs = [[], [1], [], []].map(values => bench.ask(values).outputs);
  assert.deepEqual(await Promise.all(outputs), [[tensor()], [tensor(1)], [tensor()], [tensor()]]);
  assert.deepEqual(bench.runs, [0, 1, 0, 0]);
});

test('of sixteen in a batch the one to blame fails, and the others are answered after a few runs', async () => {
  const bench = new Bench({ settings: { maxRows: 16 } });
  const outputs = Array.from({ length: 16 }, (_, index) => bench.ask([index === 5 ? -1 : index]).outputs);
  const settled = await Promise.allSettled(outputs);
  for (const [index, { status }] of settled.entries())
    assert.equal(status, index === 5 ? 'rejected' : 'fulfilled');
  assert(bench.runs.length <= 9, bench.runs.join());
  assert(bench.told.every(({ flush }) => flush === 'alone'));
});

test('what is cancelled before its turn does not run, and is let go of at once', async () => {
  const bench = new Bench({ wait: true, settings: { maxRows: 1 } });
  const first = bench.ask([1]);
  await bench.begun(1);
  const second = bench.ask([2]);
  const third = bench.ask([3]);
  assert.equal(bench.waiting, 2);
  second.cancel();
  await assert.rejects(second.outputs, { code: 'client_gone' });
  assert.equal(bench.waiting, 1);
  bench.go();
  await first.outputs;
  await bench.begun(2);
  bench.go();
  assert.deepEqual(await third.outputs, [tensor(3)]);
  assert.deepEqual(bench.drops, ['cancelled']);
});

test('what waited past its deadline is refused while the run before it goes on', async () => {
  const bench = new Bench({ wait: true, settings: { maxRows: 1 } });
  const first = bench.ask([1]);
  await bench.begun(1);
  const second = bench.ask([2], 20);
  bench.time = 21;
  await assert.rejects(second.outputs, { code: 'deadline_exceeded', message: /0.02 seconds/ });
  assert.deepEqual(bench.drops, ['late']);
  bench.go();
  await first.outputs;
  assert.deepEqual(bench.runs, [1]);
});

test('what runs past its deadline is told so, and the run goes on for the others', async () => {
  const bench = new Bench({ wait: true });
  const [first, second] = [bench.ask([1], 20), bench.ask([2])];
  await bench.begun(1);
  bench.time = 30;
  await assert.rejects(first.outputs, { code: 'deadline_exceeded' });
  bench.go();
  assert.deepEqual(await second.outputs, [tensor(2)]);
});

test('an answer that comes after its deadline is none, also where nothing could say so before', async () => {
  const bench = new Bench({ wait: true });
  const [first, second] = [bench.ask([1], 20), bench.ask([2])];
  await bench.begun(1);
  bench.go(21);
  await assert.rejects(first.outputs, { code: 'deadline_exceeded' });
  assert.deepEqual(await second.outputs, [tensor(2)]);
});

test('who cannot be answered in time is refused at once, with the time that it would take', async () => {
  const measured = [1, 2, 4].map(rows => ({ rows, ms: 40 }));
  const bench = new Bench({ wait: true, measured });
  const first = bench.ask([1]);
  await bench.begun(1);
  assert.throws(() => bench.ask([2], 60), {
    code: 'deadline_unreachable',
    facts: { seconds: 0.06, wait: 0.11 },
  });
  assert.deepEqual(bench.drops, ['unreachable']);
  bench.go();
  await first.outputs;
});

test('so it is by a model that runs its requests one by one', async () => {
  const bench = new Bench({ wait: true, batched: false, measured: [{ rows: 1, ms: 40 }] });
  const first = bench.ask([1]);
  await bench.begun(1);
  assert.throws(() => bench.ask([2], 60), { code: 'deadline_unreachable' });
  bench.go();
  await first.outputs;
});

test('runs of no rows teach nothing: they say nothing of those that have some', async () => {
  const bench = new Bench({ measured: [{ rows: 1, ms: 50 }], settings: { deadlineMs: 10_000 } });
  for (let count = 0; count < 100; count++) await bench.ask([]).outputs;
  const first = bench.ask([1]);
  assert.throws(() => bench.ask([2], 40), { code: 'deadline_unreachable' });
  await first.outputs;
});

test('an idle model tries, whatever its table says, and learns from that', async () => {
  const bench = new Bench({ measured: [{ rows: 1, ms: 10_000 }] });
  assert.deepEqual(await bench.ask([1]).outputs, [tensor(1)]);
});

const bounds: readonly { limit: string; queue: ModelSettings['queue'] }[] = [
  { limit: '2 rows', queue: { rows: 2, bytes: 1000 } },
  { limit: '8 bytes', queue: { rows: 1000, bytes: 8 } },
];

for (const { limit, queue } of bounds)
  test(`a queue holds at most ${limit}, and refuses more`, async () => {
    const bench = new Bench({ wait: true, settings: { maxRows: 1, queue } });
    const first = bench.ask([0]);
    await bench.begun(1);
    const others = [bench.ask([1]), bench.ask([2])];
    assert.throws(() => bench.ask([3]), { code: 'queue_full', facts: { model: 'm', limit } });
    assert.deepEqual(bench.drops, ['queue_full']);
    for (const [index, { outputs }] of [first, ...others].entries()) {
      await bench.begun(index + 1);
      bench.go();
      await outputs;
    }
  });

test('the more urgent run before what came earlier', async () => {
  const bench = new Bench({ wait: true, settings: { maxRows: 1, priorities: { levels: 3, usual: 2 } } });
  const asked = [bench.ask([0])];
  await bench.begun(1);
  asked.push(bench.ask([1]), bench.ask([2], undefined, 3), bench.ask([3], undefined, 1));
  const order: number[] = [];
  for (const [index, { outputs }] of asked.entries()) void outputs.then(() => order.push(index));
  for (let run = 1; run <= 4; run++) {
    await bench.begun(run);
    bench.go();
  }
  await Promise.all(asked.map(({ outputs }) => outputs));
  assert.deepEqual(order, [0, 3, 1, 2]);
});

test('as many runs are under way as the model can have, and what waits is shared among them', async () => {
  const bench = new Bench({ wait: true, width: 2, place: 'threads' });
  const asked = [[1], [2], [3], [4]].map(values => bench.ask(values).outputs);
  await bench.begun(2);
  assert.deepEqual(bench.runs, [2, 2]);
  bench.go();
  bench.go();
  await Promise.all(asked);
});

test('a model whose threads are all gone answers when one is back', async () => {
  const bench = new Bench({ width: 0, place: 'threads', cores: new Cores(1) });
  const asked = bench.ask([1]);
  await turn();
  bench.width = 1;
  assert.deepEqual(await asked.outputs, [tensor(1)]);
});

test('what waits behind a run that lasts runs when another thread is back', async () => {
  const bench = new Bench({ wait: true, place: 'threads', cores: new Cores(2), settings: { maxRows: 1 } });
  const first = bench.ask([1]);
  await bench.begun(1);
  const second = bench.ask([2]);
  for (let turns = 0; turns < 3; turns++) await turn();
  bench.width = 2;
  bench.time = 60;
  for (let tries = 0; tries < 1000 && bench.runs.length < 2; tries++) await pause();
  assert.equal(bench.runs.length, 2);
  bench.go();
  bench.go();
  await Promise.all([first.outputs, second.outputs]);
});

test('with a delay, a batch waits for company, and runs at once when it is full', async () => {
  const bench = new Bench({ settings: { maxDelayMs: 50 } });
  const first = bench.ask([1, 2]);
  await turn();
  await turn();
  assert.deepEqual(bench.runs, []);
  const second = bench.ask([3, 4]);
  await Promise.all([first.outputs, second.outputs]);
  assert.deepEqual(
    bench.told.map(({ flush }) => flush),
    ['full'],
  );
});

test('with a delay, a batch that stays alone runs when the delay is over', async () => {
  const bench = new Bench({ settings: { maxDelayMs: 5 } });
  const { outputs } = bench.ask([1]);
  await turn();
  bench.time = 5;
  await outputs;
  assert.deepEqual(
    bench.told.map(({ flush }) => flush),
    ['delay'],
  );
});

test('two models share a core as configured', async () => {
  const cores = new Cores(1);
  const benches = [3, 1].map(
    share =>
      new Bench({ wait: true, cores, place: 'threads', settings: { share, maxRows: 1, deadlineMs: 1e9 } }),
  );
  const all = benches.flatMap(bench => Array.from({ length: 40 }, () => bench.ask([1]).outputs));
  const order: number[] = [];
  for (let run = 0; run < 40; run++) {
    await until(() =>
      benches.some(bench => bench.runs.length > order.filter(one => one === benches.indexOf(bench)).length),
    );
    const index = benches.findIndex(
      (bench, place) => bench.runs.length > order.filter(one => one === place).length,
    );
    order.push(index);
    for (const bench of benches) bench.time += 10;
    benches[index]?.go();
  }
  assert.equal(order.filter(index => index === 0).length, 30);
  for (const outputs of all) outputs.catch(() => undefined);
});

test('a run that lasts long holds its core for so long and no longer', async () => {
  const cores = new Cores(1);
  const [slow, quick] = [1, 1].map(
    () => new Bench({ wait: true, cores, place: 'threads', settings: { deadlineMs: 1e6 } }),
  );
  assert(slow !== undefined && quick !== undefined);
  const first = slow.ask([1]);
  await slow.begun(1);
  const second = quick.ask([2]);
  slow.time = 100;
  await quick.begun(1);
  quick.go();
  await second.outputs;
  slow.go();
  await first.outputs;
  const third = quick.ask([3]);
  await quick.begun(2);
  quick.go();
  await third.outputs;
});

test('a request is told how long it waited and what its run took, and the run is told once', async () => {
  const bench = new Bench({ wait: true });
  const [first, second] = [bench.ask([1, 2]), bench.ask([3])];
  bench.time = 5;
  await bench.begun(1);
  bench.go(7);
  await Promise.all([first.outputs, second.outputs]);
  assert.deepEqual(first.times, { rows: 2, queueMs: 5, inputMs: 0, inferMs: 7, outputMs: 0 });
  assert.deepEqual(second.times, { rows: 1, queueMs: 5, inputMs: 0, inferMs: 7, outputMs: 0 });
  assert.deepEqual(bench.told, [{ rows: 3, times: { inputMs: 0, inferMs: 7, outputMs: 0 }, flush: 'idle' }]);
});

test('it is idle once nothing waits or runs, and at once when nothing was asked', async () => {
  const bench = new Bench({ wait: true, settings: { maxRows: 1 } });
  await bench.executor.idle();
  const asked = [bench.ask([1]), bench.ask([2])];
  let idle = false;
  const waiting = bench.executor.idle().then(() => (idle = true));
  for (const [index, { outputs }] of asked.entries()) {
    await bench.begun(index + 1);
    assert.equal(idle, false);
    bench.go();
    await outputs;
  }
  await waiting;
});

test('nothing accepted is lost, whatever is asked, cancelled and failed in whatever order', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const bench = new Bench({
      width: 1 + (seed % 3),
      place: 'threads',
      settings: { maxRows: 1 + (seed % 5) },
    });
    let state = seed;
    const next = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
    const asked: Promise<string>[] = [];
    for (let one = 0; one < 60; one++) {
      const value = next(8) === 0 ? -1 : one;
      const { outputs, cancel } = bench.ask([value]);
      asked.push(
        outputs.then(
          ([answer]) => (assert.deepEqual(answer, tensor(value)), 'right'),
          () => 'failed',
        ),
      );
      if (next(6) === 0) cancel();
      if (next(4) === 0) await turn();
    }
    const answers = await Promise.all(asked);
    assert.equal(answers.length, 60);
    assert.equal(bench.waiting, 0);
    await bench.executor.idle();
  }
});
