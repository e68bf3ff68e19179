/** The scheduler under loads that one worker cannot bear, in simulated time with a model whose runs take 8 + rows. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { usualSettings } from '../models/settings.ts';
import { Pending } from './pending.ts';
import { type Batch, Scheduler } from './scheduler.ts';

const FIXED = 8;

interface Outcome {
  /** Answered in time, of what the largest batch that the deadline affords can do. */
  readonly goodput: number;
  /** Of those that were accepted, how many were not answered in time. */
  readonly late: number;
}

/** One worker in simulated time. */
class Worker {
  inTime = 0;
  accepted = 0;
  readonly #scheduler: Scheduler;
  /** How much slower than usual it is at a time. */
  readonly #slowness: (now: number) => number;
  #running: Batch | undefined;

  constructor(deadlineMs: number, slowness: (now: number) => number) {
    this.#slowness = slowness;
    const settings = { ...usualSettings, maxRows: 256, deadlineMs };
    const runs = [1, 2, 4, 8, 16, 32, 64].map(rows => ({ rows, ms: FIXED + rows }));
    this.#scheduler = new Scheduler({ batched: true, settings, measured: { key: '', runs } });
  }

  /** A request that arrives at `now`; time never goes back. */
  arrive(now: number, deadlineMs: number): void {
    this.runTo(now);
    const waiting = { key: '', rows: 1, priority: 1, deadline: now + deadlineMs, since: now };
    const pending = new Pending({ inputs: [], rows: 1 }, waiting, { allowedMs: deadlineMs, bytes: 4 });
    const capacity = { width: 1, coreMs: 0, claiming: false };
    if (this.#scheduler.refusal(pending, now, capacity) !== undefined) return;
    this.accepted++;
    this.#scheduler.add(pending);
    if (this.#running === undefined) this.#begin(now);
  }

  runTo(now: number): void {
    while (this.#running !== undefined && this.#endOf(this.#running) <= now) {
      const batch = this.#running;
      const rows = batch.requests.length;
      this.#running = undefined;
      const end = this.#endOf(batch);
      this.inTime += batch.requests.filter(({ deadline }) => deadline >= end).length;
      this.#scheduler.ran(batch, { rows, ms: end - batch.begun });
      this.#scheduler.done(batch);
      if (this.#scheduler.waits) this.#begin(end);
    }
  }

  #begin(now: number): void {
    this.#running = this.#scheduler.next(now, 1).batch;
  }

  #endOf({ begun, requests }: Batch): number {
    return begun + (FIXED + requests.length) * this.#slowness(begun);
  }
}

function steady(): number {
  return 1;
}

/** Poisson arrivals of single rows at `load` times the capacity. */
function simulate(load: number, deadlineMs: number): Outcome {
  const rows = deadlineMs / 2 - FIXED;
  const capacity = rows / (deadlineMs / 2);
  const worker = new Worker(deadlineMs, steady);
  const random = lehmer(42);
  let now = 0;
  for (let one = 0; one < 20_000; one++) {
    now -= Math.log(random()) / (load * capacity);
    worker.arrive(now, deadlineMs);
  }
  worker.runTo(now + 10 * deadlineMs);
  return { goodput: worker.inTime / now / capacity, late: 1 - worker.inTime / worker.accepted };
}

function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

for (const deadlineMs of [50, 100])
  for (const load of [1.5, 2.5, 5])
    test(`at ${load} times its capacity a model with ${deadlineMs} ms to answer in does nine tenths of it, and hardly anything late`, () => {
      const { goodput, late } = simulate(load, deadlineMs);
      assert(goodput >= 0.9, `goodput ${goodput}`);
      assert(late < 0.01, `late ${late}`);
    });

for (const deadlineMs of [50, 100])
  test(`at nine tenths of its capacity a model with ${deadlineMs} ms to answer in turns few away`, () => {
    const { goodput, late } = simulate(0.9, deadlineMs);
    assert(goodput >= 0.8, `goodput ${goodput}`);
    assert(late < 0.01, `late ${late}`);
  });

const troubles: readonly { title: string; slowness: (now: number) => number }[] = [
  { title: 'a single run of seconds', slowness: now => (now > 2000 && now < 2030 ? 200 : 1) },
  {
    title: 'two seconds of a machine that is twenty times slower',
    slowness: now => (now > 2000 && now < 4000 ? 20 : 1),
  },
  { title: 'runs that vary by a third all the time', slowness: now => 1 + ((now * 7919) % 1) / 3 },
];

for (const load of [0.5, 1.5])
  for (const { title, slowness } of troubles)
    test(`after ${title}, at ${load} times its capacity, a model does soon again what it can`, () => {
      const deadlineMs = 100;
      const capacity = (deadlineMs / 2 - FIXED) / (deadlineMs / 2);
      const worker = new Worker(deadlineMs, slowness);
      const random = lehmer(7);
      let now = 0;
      let before = 0;
      while (now < 15_000) {
        now -= Math.log(random()) / (load * capacity);
        worker.arrive(now, deadlineMs);
        if (now < 10_000) before = worker.inTime;
      }
      const goodput = (worker.inTime - before) / 5000 / capacity;
      assert(goodput >= 0.75 * Math.min(1, load), `goodput ${goodput}`);
    });
