import { type Clock, failure } from '#base';
import type { Drop, Flush } from '#spec';
import type { ModelSettings, Place } from '../../models/settings.ts';
import type { InferRequest } from '../../models/signature.ts';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RunTimes } from '../../statistics/model-statistics.ts';
import { bytesOf } from '../../tensors/tensor.ts';
import { expectedMs } from '../admit.ts';
import { batchKey } from '../join.ts';
import type { RunTime } from '../latency.ts';
import { Pending } from '../pending.ts';
import type { Engine, Submitted, Terms } from '../port.ts';
import { Profiles } from '../profiles.ts';
import { RequestQueue } from '../request-queue.ts';
import { Claim, type Cores } from '../slots.ts';
import type { Policy, Taken } from '../take.ts';
import { Alarm } from './alarm.ts';
import { runBatch } from './batch-run.ts';

/** What is told while requests wait and run. */
export interface ExecutorEvents {
  /** A request's turn came after so many seconds. */
  queued(seconds: number): void;
  /** The model ran with so many rows. */
  ran(rows: number, times: RunTimes, flush: Flush): void;
  dropped(reason: Drop): void;
  /** So many rows wait now. */
  waiting(rows: number): void;
}

export interface ExecutorOptions {
  /** The model's name, for messages. */
  readonly name: string;
  readonly model: LoadedModel;
  /** Whether requests may share a run. */
  readonly batched: boolean;
  readonly settings: ModelSettings;
  /** What runs took when the model was loaded, and the key of those runs. */
  readonly measured: { readonly key: string; readonly runs: readonly RunTime[] };
  readonly cores: Cores;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
}

/** A batch under way. */
interface Run {
  readonly batch: readonly Pending[];
  readonly begun: number;
  /** When it is expected to end, on the clock. */
  readonly until: number;
  readonly claim: Claim;
  /** Whether it still has the slot that it began with. */
  holds: boolean;
}

/** A run that lasts longer goes on without its slot, so that no other model waits longer for it. Milliseconds. */
const PATIENCE_MS = 100;

/** How often a model without a thread is looked at. Milliseconds. */
const REVIVAL_MS = 50;

/** Deadlines are looked after no more often. Milliseconds. */
const SWEEP_MS = 5;

/**
 * Runs one model's requests. What arrives in one turn of the event loop runs together; while as many runs are under way as
 * the model can have, the next batch gathers. Unless `maxDelay` asks for it nothing waits for company, so an idle model
 * answers a lone request at once. Whoever cannot be answered in time is told so as soon as that is known.
 */
export class Executor implements Engine {
  readonly #options: ExecutorOptions;
  readonly #profiles: Profiles;
  readonly #policy: Policy;
  readonly #claims: Readonly<Record<Place, Claim>>;
  readonly #queue = new RequestQueue();
  #runs: readonly Run[] = [];
  /** Whether a slot was asked for and not given yet, and since when. */
  #claiming = false;
  #claimedAt = 0;
  /** Milliseconds that a batch has lately waited for its slot. */
  #slotMs = 0;
  #woken = false;
  readonly #company: Alarm;
  readonly #deadlines: Alarm;
  readonly #patience: Alarm;
  /** Called back, and forgotten, when there is nothing more to do. */
  #onIdle: (() => void)[] = [];

  constructor(options: ExecutorOptions) {
    const { batched, settings, measured, cores, clock } = options;
    this.#options = options;
    this.#profiles = new Profiles(settings, measured.key, measured.runs);
    this.#policy = {
      maxRows: key => (batched ? this.#profiles.of(key).limit.rows : 1),
      portion: () => this.#portion(),
      runMs: (key, rows) => this.#profiles.of(key).table.estimate(rows),
      maxDelayMs: settings.maxDelayMs,
    };
    const claim = (place: Place): Claim =>
      new Claim(cores[place], settings.share, () => this.#granted(place));
    this.#claims = { inline: claim('inline'), threads: claim('threads') };
    this.#company = new Alarm(clock, () => this.#pump());
    this.#deadlines = new Alarm(clock, () => this.#expire());
    this.#patience = new Alarm(clock, () => this.#lend());
  }

  submit(request: InferRequest, terms: Terms): Submitted {
    const pending = this.#pendingOf(request, terms);
    this.#admit(pending);
    this.#queue.add(pending);
    this.#tellWaiting();
    this.#wake();
    this.#watch(pending.deadline);
    return { outputs: pending.outputs, times: pending.times, cancel: () => this.#cancel(pending) };
  }

  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>(resolve => this.#onIdle.push(resolve));
  }

  #isIdle(): boolean {
    return this.#queue.length === 0 && this.#runs.length === 0;
  }

  #pendingOf(request: InferRequest, { since, deadlineMs, priority }: Terms): Pending {
    const { batched, clock, settings } = this.#options;
    const { levels, usual } = settings.priorities;
    const asked = request.priority ?? priority ?? usual;
    const most = Math.min(settings.deadlineMs, deadlineMs ?? Infinity, request.deadlineMs ?? Infinity);
    const waiting = {
      key: batched ? batchKey(request.inputs) : '',
      rows: request.rows,
      priority: Math.min(asked, levels),
      deadline: since + most,
      since: clock.now(),
    };
    return new Pending(request, waiting, { allowedMs: most, bytes: bytesOf(request.inputs) });
  }

  /** Throws what says why it is better refused at once. */
  #admit(pending: Pending): void {
    const { name, settings } = this.#options;
    const { rows, bytes, deadline, allowedMs } = pending;
    const { queue } = settings;
    if (this.#queue.length > 0 && this.#queue.rows + rows > queue.rows)
      throw this.#refusal('queue_full', failure('queue_full', { model: name, limit: `${queue.rows} rows` }));
    if (this.#queue.length > 0 && this.#queue.bytes + bytes > queue.bytes)
      throw this.#refusal(
        'queue_full',
        failure('queue_full', { model: name, limit: `${queue.bytes} bytes` }),
      );
    const wait = this.#expectedMs(pending);
    if (pending.since + wait <= deadline) return;
    const facts = { seconds: allowedMs / 1000, wait: Number((wait / 1000).toFixed(3)) };
    throw this.#refusal('unreachable', failure('deadline_unreachable', facts));
  }

  #refusal(reason: Drop, error: Error): Error {
    this.#options.events.dropped(reason);
    return error;
  }

  /** Milliseconds until a request is answered; nothing for an idle model, which tries whatever its table says. */
  #expectedMs(pending: Pending): number {
    const { width } = this.#options.model;
    if (this.#queue.length === 0 && this.#runs.length < width && !this.#claiming) return 0;
    const { table, limit } = this.#profiles.of(pending.key);
    const rows = this.#options.batched ? limit.rows : 1;
    const ms = table.estimate(Math.max(rows, pending.rows)) + this.#slotMs;
    const ahead = { rows: this.#queue.rowsBefore(pending), busyMs: this.#busyMs(width), width };
    return expectedMs(ahead, { rows, ms });
  }

  /** Until a run may begin. */
  #busyMs(width: number): number {
    if (this.#runs.length < width || width === 0) return 0;
    const now = this.#options.clock.now();
    return Math.max(0, Math.min(...this.#runs.map(({ until }) => until)) - now);
  }

  /** What waits is shared by all that could run it now, unless fuller batches are wanted. */
  #portion(): number {
    const { model, settings } = this.#options;
    const free = model.width - this.#runs.length;
    return free > 1 && settings.maxDelayMs === 0 ? Math.ceil(this.#queue.rows / free) : Infinity;
  }

  /** Lets everything that arrives in this turn of the event loop arrive first. */
  #wake(): void {
    const { width } = this.#options.model;
    if (this.#woken || this.#claiming || (width > 0 && this.#runs.length >= width)) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      this.#pump();
    });
  }

  /** Begins as many runs as there may be. */
  #pump(): void {
    const { model, clock } = this.#options;
    // All its threads have died, and are being started again.
    if (model.width === 0 && this.#queue.length > 0) this.#company.by(clock.now() + REVIVAL_MS);
    while (this.#queue.length > 0 && this.#runs.length < model.width && !this.#claiming) {
      const claim = this.#claims[model.place];
      this.#claimedAt = clock.now();
      this.#claiming = !claim.take();
      if (this.#claiming || !this.#begin(claim)) return;
    }
  }

  #granted(place: Place): void {
    this.#claiming = false;
    const { model } = this.#options;
    if (this.#runs.length < model.width) this.#begin(this.#claims[place]);
    else this.#claims[place].give();
    this.#pump();
  }

  /** Begins a run with a slot; gives that back and says no when there is nothing to run. */
  #begin(claim: Claim): boolean {
    const now = this.#options.clock.now();
    this.#slotMs += (now - this.#claimedAt - this.#slotMs) / 8;
    const taken = this.#queue.take(this.#policy, now);
    this.#expireAll(taken.late);
    if (taken.until !== undefined) this.#company.by(taken.until);
    this.#tellWaiting();
    const { batch } = taken;
    if (batch.length === 0) claim.give();
    else void this.#run(taken, claim, now);
    return batch.length > 0;
  }

  async #run({ batch, flush }: Taken<Pending>, claim: Claim, now: number): Promise<void> {
    const { clock } = this.#options;
    const expected = this.#policy.runMs(batch[0]?.key ?? '', rowsOf(batch));
    const run: Run = { batch, begun: now, until: now + expected, claim, holds: true };
    this.#runs = [...this.#runs, run];
    if (this.#options.model.place === 'threads') this.#patience.by(now + PATIENCE_MS);
    this.#countWait(batch, now);
    await runBatch(batch, {
      ...this.#options,
      ran: (rows, times, alone) => this.#ran(batch, { rows, times, flush: alone ? 'alone' : flush }),
    });
    this.#runs = this.#runs.filter(one => one !== run);
    claim.used(clock.now() - run.begun);
    // What it wants next it asks for before it gives back what it has: so it competes with the others for just that.
    this.#pump();
    if (run.holds) claim.give();
    if (this.#isIdle()) for (const tell of this.#onIdle.splice(0)) tell();
  }

  #ran(
    batch: readonly Pending[],
    { rows, times, flush }: { rows: number; times: RunTimes; flush: Flush },
  ): void {
    const ms = times.inputMs + times.inferMs + times.outputMs;
    this.#profiles.of(batch[0]?.key ?? '').ran({ rows, ms });
    this.#options.events.ran(rows, times, flush);
  }

  #countWait(batch: readonly Pending[], now: number): void {
    for (const pending of batch) {
      pending.started = true;
      pending.times.queueMs = now - pending.since;
      this.#options.events.queued(pending.times.queueMs / 1000);
    }
  }

  /** Gives back the slots of runs that last long. */
  #lend(): void {
    const now = this.#options.clock.now();
    for (const run of this.#runs) {
      if (!run.holds) continue;
      if (now - run.begun < PATIENCE_MS) this.#patience.by(run.begun + PATIENCE_MS);
      else {
        run.holds = false;
        run.claim.give();
      }
    }
  }

  #watch(deadline: number): void {
    this.#deadlines.by(Math.max(deadline, this.#options.clock.now() + SWEEP_MS));
  }

  /** Tells those whose deadline has passed, whether they wait or run: nobody waits longer than was promised. */
  #expire(): void {
    const now = this.#options.clock.now();
    this.#expireAll(this.#queue.expired(now));
    this.#tellWaiting();
    let nearest = this.#queue.nearest();
    for (const { batch } of this.#runs) {
      const running = batch.filter(({ settled }) => !settled);
      this.#expireAll(running.filter(({ deadline }) => deadline < now));
      for (const { settled, deadline } of running) if (!settled) nearest = Math.min(nearest, deadline);
    }
    if (nearest !== Infinity) this.#watch(nearest);
  }

  #expireAll(late: readonly Pending[]): void {
    for (const pending of late) {
      if (!pending.started) this.#options.events.dropped('late');
      pending.expire();
    }
  }

  /** Lets go of what nobody wants any more, at once: its turn may be long in coming. What was begun is finished. */
  #cancel(pending: Pending): void {
    if (!this.#queue.remove(pending)) return;
    this.#tellWaiting();
    pending.reject(this.#refusal('cancelled', failure('client_gone', {})));
    if (this.#isIdle()) for (const tell of this.#onIdle.splice(0)) tell();
  }

  #tellWaiting(): void {
    this.#options.events.waiting(this.#queue.rows);
  }
}

function rowsOf(batch: readonly Pending[]): number {
  return batch.reduce((sum, { rows }) => sum + rows, 0);
}
