import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { failure, messageOf } from '#base';
import type { ByteBudget } from '../../budget.ts';
import { Gathering } from '../../gathering.ts';

export interface InflationListener {
  /** The bytes are held in the budget. */
  inflated(bytes: Buffer): void;
  /** With `body_too_large`, `rpc_malformed` or `overloaded`. Nothing is held. */
  notInflated(error: unknown): void;
}

export interface InflationOptions {
  readonly encoding: 'gzip' | 'deflate';
  /** Bytes of the largest result. */
  readonly limit: number;
  readonly budget: ByteBudget;
}

/** A compressed message on its way to what it was, off the event loop, and stopped as soon as it is too large. */
export class Inflation {
  readonly #stream: Gunzip | Inflate;
  readonly #gathering: Gathering;

  constructor(bytes: Buffer, { encoding, limit, budget }: InflationOptions, listener: InflationListener) {
    this.#gathering = new Gathering({ limit, budget });
    this.#stream = encoding === 'gzip' ? createGunzip() : createInflate();
    const fail = (error: unknown): void => {
      this.cancel();
      listener.notInflated(error);
    };
    this.#stream.on('data', (chunk: Buffer) => {
      const fault = this.#add(chunk);
      if (fault !== undefined) fail(fault);
    });
    this.#stream.on('end', () => listener.inflated(this.#gathering.finish()));
    this.#stream.on('error', error => {
      fail(failure('rpc_malformed', { problem: `a compressed message: ${messageOf(error)}` }, error));
    });
    this.#stream.end(bytes);
  }

  /** Nothing more is heard of it. */
  cancel(): void {
    this.#stream.removeAllListeners();
    this.#stream.on('error', () => undefined);
    this.#stream.destroy();
    this.#gathering.abandon();
  }

  #add(chunk: Buffer): unknown {
    try {
      this.#gathering.add(chunk);
      return undefined;
    } catch (error: unknown) {
      return error;
    }
  }
}
