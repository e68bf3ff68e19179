import { failure } from '../../errors.ts';
import type { RpcBudget } from '../../rpc/budget.ts';
import type { RpcEncoding } from '../../rpc/head.ts';
import type { RpcLimits } from '../../rpc/limits.ts';
import { MessageReader } from '../../rpc/reader.ts';
import { Inflation, type InflationListener } from './inflation.ts';

export interface IntakeListener {
  message(bytes: Buffer): void;
  /** Every message was handed on, and no other comes. */
  requestEnded(): void;
  /** What came cannot be taken; or a method above threw. */
  failed(error: unknown): void;
  /** Flow control: stop the client, let it go on. */
  pause(): void;
  resume(): void;
}

export interface IntakeOptions {
  readonly encoding: RpcEncoding;
  readonly limits: RpcLimits;
  readonly budget: RpcBudget;
}

/** The way in of a call: bytes to messages, uncompressed, and no more of them than may wait. */
export class Intake implements InflationListener {
  readonly #options: IntakeOptions;
  readonly #listener: IntakeListener;
  readonly #reader: MessageReader;
  /** Bytes of each message that was handed on and not released, oldest first. */
  readonly #ahead: number[] = [];
  #inflation: Inflation | undefined;
  /** Bytes of the message that is being inflated. */
  #deflated = 0;
  #inflated: Buffer | undefined;
  #stopped = false;
  #reading = false;
  #paused = false;
  #ended = false;
  #endTold = false;
  /** Messages handed on so far. */
  #count = 0;

  constructor(options: IntakeOptions, listener: IntakeListener) {
    this.#options = options;
    this.#listener = listener;
    this.#reader = new MessageReader(options.limits.messageBytes, options.budget);
  }

  /** Whether the client has begun a message and is to send the rest. */
  get awaits(): boolean {
    return !this.#stopped && !this.#paused && this.#reader.begun;
  }

  get count(): number {
    return this.#count;
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    this.#reader.push(chunk);
    this.#read();
  }

  end(): void {
    this.#ended = true;
    this.#read();
  }

  /** Lets go of the oldest message. */
  release(): void {
    const bytes = this.#ahead.shift();
    if (bytes === undefined) return;
    this.#options.budget.release(bytes);
    this.#read();
  }

  /** Hands on nothing more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#reader.drop();
    this.#inflation?.cancel();
    this.#releaseDeflated();
  }

  /** Stops, and lets go of every message. */
  drop(): void {
    this.stop();
    if (this.#inflated !== undefined) this.#options.budget.release(this.#inflated.length);
    this.#inflated = undefined;
    for (const bytes of this.#ahead) this.#options.budget.release(bytes);
    this.#ahead.length = 0;
  }

  inflated(bytes: Buffer): void {
    this.#inflation = undefined;
    this.#releaseDeflated();
    this.#inflated = bytes;
    this.#read();
  }

  notInflated(error: unknown): void {
    this.#inflation = undefined;
    this.#listener.failed(error);
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#step());
    } catch (error: unknown) {
      this.#listener.failed(error);
    }
    this.#reading = false;
  }

  /** Takes one message; false when there is none, or it may not be taken now. */
  #step(): boolean {
    if (this.#stopped) return false;
    if (this.#inflated !== undefined) return this.#deliverInflated(this.#inflated);
    const isFull = this.#ahead.length >= this.#options.limits.messagesAhead || this.#inflation !== undefined;
    this.#pause(isFull);
    if (!this.#reader.begun && this.#inflation === undefined) return this.#tellEnd();
    if (isFull) return false;
    const message = this.#reader.next();
    if (message !== undefined) this.#take(message);
    else if (this.#ended) throw failure('rpc_malformed', { problem: 'the stream ended inside a message' });
    return message !== undefined;
  }

  #take(message: Buffer): void {
    const { encoding, budget, limits } = this.#options;
    if (!this.#reader.compressed) this.#deliver(message);
    else {
      this.#deflated = message.length;
      if (encoding === 'identity')
        throw failure('rpc_malformed', { problem: 'a message is compressed, and there is no grpc-encoding' });
      this.#inflation = new Inflation(message, { encoding, limit: limits.messageBytes, budget }, this);
    }
  }

  #deliverInflated(bytes: Buffer): true {
    this.#inflated = undefined;
    this.#deliver(bytes);
    return true;
  }

  #deliver(message: Buffer): void {
    this.#ahead.push(message.length);
    this.#count++;
    this.#listener.message(message);
  }

  #tellEnd(): false {
    if (this.#ended && !this.#endTold) {
      this.#endTold = true;
      this.#listener.requestEnded();
    }
    return false;
  }

  #pause(paused: boolean): void {
    if (this.#paused === paused) return;
    this.#paused = paused;
    if (paused) this.#listener.pause();
    else this.#listener.resume();
  }

  #releaseDeflated(): void {
    this.#options.budget.release(this.#deflated);
    this.#deflated = 0;
  }
}
