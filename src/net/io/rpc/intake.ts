import { failure } from '#base';
import type { RpcEncoding } from '../../rpc/head.ts';
import { MessageReader } from '../../rpc/reader.ts';
import { STREAM_WINDOW } from '../../rpc/transport.ts';
import type { CallHost } from './call-host.ts';
import { Inflation, type InflationListener } from './inflation.ts';

export interface IntakeListener {
  message(bytes: Buffer): void;
  /** Every message was handed on, and no other comes. */
  requestEnded(): void;
  /** What came cannot be taken; or a method above threw. */
  failed(error: unknown): void;
  /** Whether no message is wanted now; `Intake.read` when that has changed. */
  readonly isFull: boolean;
  /** Flow control: stop the client, let it go on. */
  pause(): void;
  resume(): void;
}

/** The way in of a call: bytes to messages, uncompressed, and no more of them than may wait. */
export class Intake implements InflationListener {
  readonly #host: CallHost;
  readonly #encoding: RpcEncoding;
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

  constructor(host: CallHost, encoding: RpcEncoding, listener: IntakeListener) {
    this.#host = host;
    this.#encoding = encoding;
    this.#listener = listener;
    this.#reader = new MessageReader(host.limits.messageBytes, host.budget);
  }

  /** Whether the client has begun a message and is to send the rest. */
  get awaits(): boolean {
    return !this.#stopped && !this.#paused && this.#reader.begun;
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    this.#reader.push(chunk);
    this.read();
  }

  end(): void {
    this.#ended = true;
    this.read();
  }

  /** Lets go of the oldest message. */
  release(): void {
    const bytes = this.#ahead.shift();
    if (bytes === undefined) return;
    this.#host.budget.release(bytes);
    this.read();
  }

  /** Hands on what may be handed on. */
  read(): void {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#step());
    } catch (error: unknown) {
      this.#listener.failed(error);
    }
    this.#reading = false;
  }

  /** Hands on nothing more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#reader.drop();
    this.#inflation?.cancel();
    this.#release(this.#deflated + (this.#inflated?.length ?? 0) + (this.#paused ? STREAM_WINDOW : 0));
    this.#inflated = undefined;
  }

  /** Stops, and lets go of every message. */
  drop(): void {
    this.stop();
    for (const bytes of this.#ahead) this.#release(bytes);
    this.#ahead.length = 0;
  }

  inflated(bytes: Buffer): void {
    this.#inflation = undefined;
    this.#release(this.#deflated);
    this.#deflated = 0;
    this.#inflated = bytes;
    this.read();
  }

  notInflated(error: unknown): void {
    this.#inflation = undefined;
    this.#listener.failed(error);
  }

  /** Takes one message; false when there is none, or it may not be taken now. */
  #step(): boolean {
    if (this.#stopped) return false;
    if (this.#inflated !== undefined) return this.#deliver(this.#inflated);
    const isBusy = this.#inflation !== undefined;
    const mayRead = !isBusy && !this.#listener.isFull && this.#ahead.length < this.#host.limits.messagesAhead;
    this.#pause(!mayRead);
    if (!isBusy && !this.#reader.begun) return this.#tellEnd();
    return mayRead && this.#next();
  }

  #next(): boolean {
    const message = this.#reader.next();
    if (message === undefined) {
      if (this.#ended) throw failure('rpc_malformed', { problem: 'the stream ended inside a message' });
      return false;
    }
    return this.#reader.compressed ? this.#inflate(message) : this.#deliver(message);
  }

  #inflate(message: Buffer): true {
    this.#deflated = message.length;
    const encoding = this.#encoding;
    if (encoding === 'identity')
      throw failure('rpc_malformed', { problem: 'a message is compressed, and there is no grpc-encoding' });
    const { budget, limits } = this.#host;
    this.#inflation = new Inflation(message, { encoding, limit: limits.messageBytes, budget }, this);
    return true;
  }

  #deliver(message: Buffer): true {
    this.#inflated = undefined;
    this.#ahead.push(message.length);
    this.#listener.message(message);
    return true;
  }

  #tellEnd(): false {
    if (this.#ended && !this.#endTold) {
      this.#endTold = true;
      this.#listener.requestEnded();
    }
    return false;
  }

  /** What a client has under way when it is stopped waits in memory: it is counted before it is there. */
  #pause(paused: boolean): void {
    if (this.#paused === paused) return;
    if (paused) this.#host.budget.hold(STREAM_WINDOW);
    else this.#release(STREAM_WINDOW);
    this.#paused = paused;
    if (paused) this.#listener.pause();
    else this.#listener.resume();
  }

  #release(bytes: number): void {
    this.#host.budget.release(bytes);
  }
}
