/**
 * Loads a server from one thread. The open loop sends each request when it is due, whatever became of those before it, and
 * counts its latency from then: a server that stalls is charged for everybody who came meanwhile. The closed loop has so many
 * clients that each wait for their answer before they ask again; it finds how much a server can do, and hides its stalls.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from './connection.ts';
import { type Bounds, Connections } from './connections.ts';
import { fates, Ledger } from './ledger.ts';
import type { Response } from './response.ts';

export interface Target extends Address {
  /** The whole request as it is sent, head and body. */
  readonly bytes: Buffer;
  /** What the body of every right answer holds. */
  readonly sign: string;
  /** For how long a client waits at most, from when its request was due. */
  readonly patienceMs: number;
  /** For how long a client of the closed loop that got no good answer leaves the server alone. */
  readonly pauseMs: number;
  readonly bounds: Bounds;
}

export interface Run {
  readonly ledger: Ledger;
  /** The wall clock's milliseconds when the first request could be due. */
  readonly startedAt: number;
  /** The most connections at once. */
  readonly connections: number;
}

/** A request sooner than this is waited for awake: a timer may come a millisecond late. */
const AWAKE_MS = 2;
/** More than one core can send in a second. */
const MOST_A_SECOND = 200_000;
const REAP_EVERY_MS = 250;

/** Sends one request at each of the times `at`, ascending, in milliseconds from the start; ends when the fate of each is known. */
export async function openLoop(target: Target, at: Float64Array): Promise<Run> {
  const loop = new Loop(target, at.length, false);
  return loop.run(now => {
    let due = at[loop.ledger.size];
    for (; due !== undefined && due <= now; due = at[loop.ledger.size]) loop.send(due, now);
    return due;
  });
}

/** Keeps `clients` busy for so many seconds. One that is refused does not ask again at once: that would be an attack. */
export async function closedLoop(target: Target, clients: number, seconds: number): Promise<Run> {
  const loop = new Loop(target, Math.ceil(seconds * MOST_A_SECOND), true);
  const end = seconds * 1000;
  return loop.run(now => {
    if (now >= end) return undefined;
    for (let free = clients - loop.underWay - loop.pausing(now); free > 0; free--) loop.send(now, now);
    return now;
  });
}

class Loop {
  readonly ledger: Ledger;
  readonly #target: Target;
  readonly #connections: Connections;
  /** Whether clients pause, and until when those do that are pausing, ascending. */
  readonly #pausing: boolean;
  readonly #pauses: number[] = [];
  #origin = 0;
  /** Everything before it is settled. */
  #oldest = 0;
  #reaped = 0;

  constructor(target: Target, capacity: number, pausing: boolean) {
    this.#pausing = pausing;
    const ledger = new Ledger(capacity);
    this.ledger = ledger;
    this.#target = target;
    this.#connections = new Connections(target, target.bytes, target.bounds, {
      now: () => this.#now(),
      sent: request => ledger.send(request, this.#now()),
      answered: (request, response) => this.#settle(request, fateOf(response, target.sign)),
      failed: request => this.#settle(request, fates.failed),
    });
  }

  get underWay(): number {
    return this.ledger.size - this.ledger.settled;
  }

  /** How many clients that got no good answer still pause. */
  pausing(now: number): number {
    while ((this.#pauses[0] ?? Number.POSITIVE_INFINITY) <= now) this.#pauses.shift();
    return this.#pauses.length;
  }

  send(due: number, now: number): void {
    this.#connections.send(this.ledger.take(due, now));
  }

  /** `sendDue` sends what is due by now and tells when the next is, or undefined when there is none. */
  async run(sendDue: (now: number) => number | undefined): Promise<Run> {
    await this.#connections.warm();
    this.#origin = performance.now();
    const startedAt = Date.now();
    for (;;) {
      const next = sendDue(this.#now());
      this.#sweep();
      if (next === undefined && this.underWay === 0) break;
      if (next !== undefined && next - this.#now() < AWAKE_MS) await turn();
      else await pause(1);
    }
    this.#connections.close();
    return { ledger: this.ledger, startedAt, connections: this.#connections.peak };
  }

  #settle(request: number, fate: number): void {
    const now = this.#now();
    if (this.ledger.settle(request, fate, now) && fate !== 200 && this.#pausing)
      this.#pauses.push(now + this.#target.pauseMs);
  }

  #now(): number {
    return performance.now() - this.#origin;
  }

  /** Requests are due in order, and all wait equally long, so that the oldest is the first to be given up. */
  #sweep(): void {
    const now = this.#now();
    const { due, fate, size } = this.ledger;
    for (; this.#oldest < size; this.#oldest++) {
      if (fate[this.#oldest] !== fates.pending) continue;
      if ((due[this.#oldest] ?? 0) + this.#target.patienceMs > now) break;
      this.#settle(this.#oldest, fates.abandoned);
      this.#connections.abandon(this.#oldest);
    }
    if (now - this.#reaped < REAP_EVERY_MS) return;
    this.#reaped = now;
    this.#connections.reap();
  }
}

/** One turn of the event loop: sockets are read before the next. */
async function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}

function fateOf({ status, body }: Response, sign: string): number {
  return status === 200 && !body.includes(sign) ? fates.wrong : status;
}
