/** A pool of connections that grows as it is needed, up to a bound. What finds none free waits its turn, first in, first out. */
import { type Address, Connection, type Holder } from './connection.ts';
import type { Response } from './response.ts';

export interface Events {
  now(): number;
  sent(request: number): void;
  answered(request: number, response: Response): void;
  failed(request: number): void;
}

export interface Bounds {
  /** Connections opened before the first request. */
  readonly warm: number;
  readonly most: number;
  /** A free connection is closed after so long, before the server does it under a request's nose. */
  readonly idleMs: number;
}

/** Connections opened at once: a new one costs many requests, and those under way free others meanwhile. */
const CONNECTING = 32;

export class Connections implements Holder {
  readonly #address: Address;
  readonly #bytes: Buffer;
  readonly #bounds: Bounds;
  readonly #events: Events;
  /** The one used last is used next, so that no more are kept than are needed. */
  readonly #free: Connection[] = [];
  readonly #carrying = new Map<number, Connection>();
  readonly #all = new Set<Connection>();
  #waiting: number[] = [];
  #head = 0;
  #connecting = 0;
  #peak = 0;
  #warmed: (() => void) | undefined;

  constructor(address: Address, bytes: Buffer, bounds: Bounds, events: Events) {
    this.#address = address;
    this.#bytes = bytes;
    this.#bounds = bounds;
    this.#events = events;
  }

  /** The most connections that were open at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Opens the first ones. */
  async warm(): Promise<void> {
    if (this.#bounds.warm === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#warmed = resolve;
    for (let count = 0; count < this.#bounds.warm; count++) this.#open();
    await promise;
  }

  send(request: number): void {
    const connection = this.#free.pop();
    if (connection !== undefined) return this.#give(connection, request);
    this.#waiting.push(request);
    this.#grow();
  }

  /** Nobody waits for `request` any longer. Of those without a connection only the oldest may be abandoned. */
  abandon(request: number): void {
    const connection = this.#carrying.get(request);
    if (connection !== undefined) connection.destroy();
    else if (this.#waiting[this.#head] === request) this.#next();
  }

  /** Closes what has been free for long. */
  reap(): void {
    const since = this.#events.now() - this.#bounds.idleMs;
    const kept = this.#free.findIndex(connection => connection.freeSince > since);
    for (const connection of this.#free.splice(0, kept < 0 ? this.#free.length : kept)) connection.destroy();
  }

  close(): void {
    for (const connection of this.#all) connection.destroy();
  }

  connected(connection: Connection): void {
    this.#connecting--;
    this.#release(connection);
    this.#grow();
    if (this.#connecting === 0) this.#warmed?.();
  }

  answered(connection: Connection, request: number, response: Response): void {
    this.#carrying.delete(request);
    this.#release(connection);
    this.#events.answered(request, response);
  }

  closed(connection: Connection, request: number | undefined): void {
    this.#all.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    if (!connection.ready) this.#refused();
    if (request !== undefined) {
      this.#carrying.delete(request);
      this.#events.failed(request);
    }
    this.#grow();
  }

  /** One attempt to connect fails one request, so that a server that is down costs no endless loop. */
  #refused(): void {
    this.#connecting--;
    const request = this.#next();
    if (request !== undefined) this.#events.failed(request);
    if (this.#connecting === 0) this.#warmed?.();
  }

  #release(connection: Connection): void {
    if (!connection.reusable) return;
    const request = this.#next();
    if (request !== undefined) return this.#give(connection, request);
    connection.freeSince = this.#events.now();
    this.#free.push(connection);
  }

  #give(connection: Connection, request: number): void {
    this.#carrying.set(request, connection);
    this.#events.sent(request);
    connection.send(request, this.#bytes);
  }

  /** Takes the request that has waited longest. */
  #next(): number | undefined {
    if (this.#head === this.#waiting.length) return undefined;
    const request = this.#waiting[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return request;
  }

  #grow(): void {
    const most = Math.min(this.#waiting.length - this.#head, CONNECTING);
    while (this.#connecting < most && this.#all.size < this.#bounds.most) this.#open();
  }

  #open(): void {
    this.#connecting++;
    this.#all.add(new Connection(this.#address, this));
    this.#peak = Math.max(this.#peak, this.#all.size);
  }
}
