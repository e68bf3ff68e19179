import { type Clock, failure } from '#base';
import type { Drop, Flush } from '#spec';
import type { InferRequest } from '../../models/signature.ts';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RunTimes } from '../../statistics/model-statistics.ts';
import { bytesOf } from '../../tensors/tensor.ts';
import { batchKey } from '../join.ts';
import { Pending } from '../pending.ts';
import type { Engine, Submitted, Terms } from '../port.ts';
import type { Trail } from '../run-note.ts';
import { type Batch, type Refusal, Scheduler, type SchedulerOptions } from '../scheduler.ts';
import { Claim, type Cores, type Slots } from '../slots.ts';
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

export interface ExecutorOptions extends SchedulerOptions {
  /** The model's name, for messages. */
  readonly name: string;
  readonly model: LoadedModel;
  readonly cores: Cores;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
}

/** A core that is used. */
interface Hold {
  readonly claim: Claim;
  readonly since: number;
  /** Whether it was not given back yet. */
  holds: boolean;
}

/** A run that lasts longer goes on without its core, so that no other model waits longer for it. Milliseconds. */
const PATIENCE_MS = 100;

/** How often it is looked whether threads are back. Milliseconds. */
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
  readonly #scheduler: Scheduler;
  readonly #claims: { readonly inline: Claim; readonly beside: Claim };
  /** Of runs that may last long. */
  #holds: readonly Hold[] = [];
  /** Whether a core was asked for and not given yet, and since when. */
  #claiming = false;
  #claimedAt = 0;
  /** Milliseconds that a batch has lately waited for its core. */
  #coreMs = 0;
  #woken = false;
  readonly #company: Alarm;
  readonly #deadlines: Alarm;
  readonly #patience: Alarm;
  /** Called back, and forgotten, when there is nothing more to do. */
  #onIdle: (() => void)[] = [];

  constructor(options: ExecutorOptions) {
    const { settings, cores, clock } = options;
    this.#options = options;
    this.#scheduler = new Scheduler(options);
    const claimTo = (slots: Slots): Claim => {
      const claim: Claim = new Claim(slots, settings.share, () => this.#granted(claim));
      return claim;
    };
    this.#claims = { inline: claimTo(cores.inline), beside: claimTo(cores.beside) };
    this.#company = new Alarm(clock, () => this.#pump());
    this.#deadlines = new Alarm(clock, () => this.#expire());
    this.#patience = new Alarm(clock, () => this.#lend());
  }

  submit(request: InferRequest, terms: Terms, trail?: Trail): Submitted {
    const pending = this.#pendingOf(request, terms, trail);
    const capacity = { width: this.#options.model.width, coreMs: this.#coreMs, claiming: this.#claiming };
    const refusal = this.#scheduler.refusal(pending, pending.since, capacity);
    if (refusal !== undefined) throw this.#refused(pending, refusal);
    this.#scheduler.add(pending);
    this.#tellWaiting();
    this.#wake();
    this.#watch(pending.deadline, pending.since);
    return { outputs: pending.outputs, times: pending.times, cancel: () => this.#cancel(pending) };
  }

  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>(resolve => this.#onIdle.push(resolve));
  }

  close(): void {
    for (const alarm of [this.#company, this.#deadlines, this.#patience]) alarm.cancel();
  }

  #isIdle(): boolean {
    return !this.#scheduler.waits && this.#scheduler.running.length === 0;
  }

  #tellIdle(): void {
    if (this.#isIdle()) for (const tell of this.#onIdle.splice(0)) tell();
  }

  #pendingOf(request: InferRequest, { since, deadlineMs, priority }: Terms, trail?: Trail): Pending {
    const { clock, settings } = this.#options;
    const { levels, usual } = settings.priorities;
    const allowedMs = Math.min(settings.deadlineMs, deadlineMs ?? Infinity, request.deadlineMs ?? Infinity);
    const waiting = {
      key: batchKey(request.inputs),
      // One of no rows takes a place too: else any number of them would fit into every batch, and into one that nobody shares.
      rows: Math.max(1, request.rows),
      priority: Math.min(request.priority ?? priority ?? usual, levels),
      deadline: since + allowedMs,
      since: clock.now(),
    };
    return new Pending(request, waiting, { allowedMs, bytes: bytesOf(request.inputs), trail });
  }

  #refused({ allowedMs }: Pending, refusal: Refusal): Error {
    const { name, events } = this.#options;
    events.dropped(refusal.reason);
    if (refusal.reason === 'queue_full') return failure('queue_full', { model: name, limit: refusal.limit });
    const wait = Number((refusal.waitMs / 1000).toFixed(3));
    return failure('deadline_unreachable', { seconds: allowedMs / 1000, wait });
  }

  /** Lets everything that arrives in this turn of the event loop arrive first. */
  #wake(): void {
    const { width } = this.#options.model;
    if (this.#woken || this.#claiming) return;
    if (width > 0 && this.#scheduler.running.length >= width) return this.#lookAgain();
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      this.#pump();
    });
  }

  /** Begins as many runs as there may be. */
  #pump(): void {
    const { model, clock } = this.#options;
    const scheduler = this.#scheduler;
    while (scheduler.waits && scheduler.running.length < model.width && !this.#claiming) {
      const claim = model.place === 'inline' ? this.#claims.inline : this.#claims.beside;
      this.#claimedAt = clock.now();
      this.#claiming = !claim.take();
      if (this.#claiming || !this.#begin(claim)) return;
    }
    if (scheduler.waits && !this.#claiming) this.#lookAgain();
  }

  /** Instances that have died are being started again: what waits need not wait for the end of a run that lasts. */
  #lookAgain(): void {
    const { model, clock } = this.#options;
    if (model.place !== 'inline' || model.width === 0) this.#company.by(clock.now() + REVIVAL_MS);
  }

  #granted(claim: Claim): void {
    this.#claiming = false;
    const { width } = this.#options.model;
    if (this.#scheduler.running.length < width) this.#begin(claim);
    else claim.give();
    this.#pump();
  }

  /** Begins a run with a core; gives that back and says no when there is nothing to run. */
  #begin(claim: Claim): boolean {
    const { clock, model } = this.#options;
    const now = clock.now();
    this.#coreMs += (now - this.#claimedAt - this.#coreMs) / 8;
    const { batch, late, until } = this.#scheduler.next(now, model.width);
    this.#expireAll(late);
    if (until !== undefined) this.#company.by(until);
    this.#tellWaiting();
    if (batch === undefined) {
      claim.give();
      this.#tellIdle();
    } else void this.#run(batch, claim);
    return batch !== undefined;
  }

  async #run(batch: Batch, claim: Claim): Promise<void> {
    const hold = { claim, since: batch.begun, holds: true };
    this.#hold(hold);
    this.#countWait(batch);
    const ran = (rows: number, times: RunTimes, alone: boolean): void =>
      this.#ran(batch, { rows, times, alone });
    const handOut = await runBatch(batch.requests, { ...this.#options, ran, flush: batch.flush });
    this.#scheduler.done(batch);
    claim.used(this.#options.clock.now() - batch.begun);
    // What it wants next it asks for before it gives back what it has: so it competes with the others for just that.
    this.#pump();
    this.#giveBack(hold);
    handOut();
    this.#tellIdle();
  }

  #ran(batch: Batch, { rows, times, alone }: { rows: number; times: RunTimes; alone: boolean }): void {
    const ms = times.inputMs + times.inferMs + times.outputMs;
    this.#scheduler.ran(batch, { rows, ms });
    this.#options.events.ran(rows, times, alone ? 'alone' : batch.flush);
  }

  #countWait({ requests, begun }: Batch): void {
    for (const pending of requests) {
      pending.started = true;
      pending.times.queueMs = begun - pending.since;
      this.#options.events.queued(pending.times.queueMs / 1000);
    }
  }

  /** The event loop cannot be lent: nothing else could use it. */
  #hold(hold: Hold): void {
    if (this.#options.model.place === 'inline') return;
    this.#holds = [...this.#holds, hold];
    this.#patience.by(hold.since + PATIENCE_MS);
  }

  #giveBack(hold: Hold): void {
    this.#holds = this.#holds.filter(one => one !== hold);
    if (hold.holds) hold.claim.give();
    hold.holds = false;
  }

  /** Gives back the cores of runs that last long. */
  #lend(): void {
    const now = this.#options.clock.now();
    for (const hold of this.#holds) {
      if (now - hold.since >= PATIENCE_MS) this.#giveBack(hold);
      else this.#patience.by(hold.since + PATIENCE_MS);
    }
  }

  #watch(deadline: number, now: number): void {
    this.#deadlines.by(Math.max(deadline, now + SWEEP_MS));
  }

  /** Tells those whose deadline has passed, whether they wait or run: nobody waits longer than was promised. */
  #expire(): void {
    const now = this.#options.clock.now();
    this.#expireAll(this.#scheduler.expired(now));
    this.#tellWaiting();
    const running = this.#scheduler.running.flatMap(({ requests }) => requests);
    this.#expireAll(running.filter(({ settled, deadline }) => !settled && deadline < now));
    let nearest = this.#scheduler.nearest();
    for (const { settled, deadline } of running) if (!settled) nearest = Math.min(nearest, deadline);
    if (nearest !== Infinity) this.#watch(nearest, now);
    this.#tellIdle();
  }

  #expireAll(late: readonly Pending[]): void {
    for (const pending of late) {
      if (!pending.started) this.#options.events.dropped('late');
      pending.expire();
    }
  }

  /** Lets go of what nobody wants any more, at once: its turn may be long in coming. What was begun is finished. */
  #cancel(pending: Pending): void {
    if (!this.#scheduler.remove(pending)) return;
    this.#tellWaiting();
    this.#options.events.dropped('cancelled');
    pending.reject(failure('client_gone', {}));
    this.#tellIdle();
  }

  #tellWaiting(): void {
    this.#options.events.waiting(this.#scheduler.rows);
  }
}
