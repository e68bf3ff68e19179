import { messageOf } from '#base';
import { AnswerReader } from './answer-reader.ts';
import type { AnswerRoom, Waiter } from './answer-room.ts';

/** Whom answers go to. */
export interface Taker {
  /** One message, in pieces. False when much waits to be sent: `AnswerRelay.drained` when there is room again. */
  answer(pieces: readonly Uint8Array[]): boolean;
  /** What came is no sequence of messages; nothing more comes. */
  unreadable(problem: string): void;
}

/** Where answers come from. */
export interface Source {
  pause(): void;
  resume(): void;
}

export interface AnswerRelayOptions {
  readonly taker: Taker;
  readonly source: Source;
  readonly room: AnswerRoom;
  /** Whether one message is expected. It is held until the answer is whole, so that a broken one has reached nobody. */
  readonly unary: boolean;
}

/** One server's answers on their way to a client: message by message, at the client's pace, with a bound on what waits. */
export class AnswerRelay implements Waiter {
  readonly #taker: Taker;
  readonly #room: AnswerRoom;
  readonly #source: Source;
  readonly #reader = new AnswerReader();
  /** The client takes no more at the moment. */
  #full = false;
  /** Bytes that are taken in the room, or that it waits for. */
  #bytes = 0;
  #awaitsRoom = false;
  #closed = false;
  /** Whether the next message waits for what follows it. */
  #holds: boolean;
  #held: readonly Uint8Array[] | undefined;

  constructor({ taker, source, room, unary }: AnswerRelayOptions) {
    this.#taker = taker;
    this.#source = source;
    this.#room = room;
    this.#holds = unary;
  }

  /** Whether a message has begun and is not whole. */
  get begun(): boolean {
    return this.#reader.begun;
  }

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.#deliver();
    if (this.#full || this.#awaitsRoom) this.#source.pause();
  }

  /** The taker has room again. */
  drained(): void {
    this.#full = false;
    this.#giveRoom();
    this.#deliver();
    if (!this.#full && !this.#awaitsRoom) this.#source.resume();
  }

  /** Nothing more comes: what there is goes out, however much waits. */
  finish(): void {
    this.#letGo();
    for (let pieces = this.#next(); pieces !== undefined; pieces = this.#next()) this.#taker.answer(pieces);
  }

  roomy(): void {
    this.#awaitsRoom = false;
    if (!this.#full) this.#source.resume();
  }

  /** Nobody wants the rest. */
  close(): void {
    this.#closed = true;
    this.#held = undefined;
    this.#giveRoom();
  }

  #giveRoom(): void {
    if (this.#awaitsRoom) this.#room.leave(this);
    else if (this.#bytes > 0) this.#room.give(this.#bytes);
    this.#awaitsRoom = false;
    this.#bytes = 0;
  }

  #deliver(): void {
    while (!this.#full) {
      const pieces = this.#next();
      if (pieces === undefined) return this.#askRoom();
      if (this.#holds && this.#held === undefined) this.#held = pieces;
      else this.#send(pieces);
    }
  }

  #send(pieces: readonly Uint8Array[]): void {
    this.#letGo();
    this.#full = !this.#taker.answer(pieces);
    if (!this.#full) this.#giveRoom();
  }

  #letGo(): void {
    this.#holds = false;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && !this.#closed) this.#taker.answer(held);
  }

  #next(): readonly Uint8Array[] | undefined {
    if (this.#closed) return undefined;
    try {
      return this.#reader.next();
    } catch (error: unknown) {
      this.close();
      this.#taker.unreadable(messageOf(error));
      return undefined;
    }
  }

  /** What is to be gathered has its place first. */
  #askRoom(): void {
    if (this.#closed || this.#bytes > 0 || this.#reader.expected === 0) return;
    this.#bytes = this.#reader.expected;
    this.#awaitsRoom = !this.#room.take(this.#bytes, this);
  }
}
