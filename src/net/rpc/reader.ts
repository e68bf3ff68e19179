import { failure } from '#base';
import type { ByteBudget } from '../budget.ts';
import { Gathering } from '../gathering.ts';

/** A message's flag and length. */
const PREFIX = 5;

/** A message that lies in a read so many times its size is copied out, so that it does not keep all of it in memory. */
const MOST_RETAINED = 64;

const NOTHING = Buffer.alloc(0);

/**
 * Cuts a stream's bytes into gRPC messages ("gRPC over HTTP/2", Length-Prefixed-Message). A message that arrives in one
 * piece is a view of it; another is gathered. Every message's bytes are held in the budget; who takes it releases them.
 */
export class MessageReader {
  readonly #limit: number;
  readonly #budget: ByteBudget;
  /** What has come and is not read. */
  #bytes: Buffer = NOTHING;
  /** The length of the message that has begun; -1 between two. */
  #length = -1;
  #gathering: Gathering | undefined;
  #compressed = false;

  /** No message may have more than `limit` bytes. */
  constructor(limit: number, budget: ByteBudget) {
    this.#limit = limit;
    this.#budget = budget;
  }

  /** Whether the message last taken is compressed. */
  get compressed(): boolean {
    return this.#compressed;
  }

  /** Whether a message has begun and is not whole. */
  get begun(): boolean {
    return this.#length !== -1 || this.#bytes.length > 0;
  }

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** The next whole message. Throws `body_too_large`, `rpc_malformed` or `overloaded`; then there is no going on. */
  next(): Buffer | undefined {
    if (this.#length === -1 && !this.#begin()) return undefined;
    if (this.#gathering !== undefined) return this.#gather(this.#gathering);
    if (this.#bytes.length >= this.#length) return this.#view();
    // The first piece of several: from here on there is a buffer.
    const expected = this.#length;
    // A message's tensors stand at its end: when that lies on a boundary, so does the beginning of the last of them.
    this.#gathering = new Gathering({ limit: expected, budget: this.#budget, expected, align: expected });
    return this.#gather(this.#gathering);
  }

  /** Lets go of what has come; nothing can be read any more. */
  drop(): void {
    this.#gathering?.abandon();
    this.#gathering = undefined;
    this.#bytes = NOTHING;
  }

  #begin(): boolean {
    if (this.#bytes.length < PREFIX) return false;
    const flag = this.#bytes[0] ?? 0;
    const length = this.#bytes.readUInt32BE(1);
    if (flag > 1) throw failure('rpc_malformed', { problem: `a message begins with ${flag}` });
    if (length > this.#limit) throw failure('body_too_large', { limit: this.#limit });
    this.#compressed = flag === 1;
    this.#length = length;
    this.#bytes = this.#bytes.subarray(PREFIX);
    return true;
  }

  #view(): Buffer {
    const message = this.#take(this.#length);
    this.#budget.hold(message.length);
    this.#length = -1;
    const isSmall = message.length * MOST_RETAINED < message.buffer.byteLength;
    return isSmall ? Buffer.from(message) : message;
  }

  #gather(gathering: Gathering): Buffer | undefined {
    gathering.add(this.#take(Math.min(this.#bytes.length, this.#length - gathering.length)));
    if (gathering.length < this.#length) return undefined;
    this.#gathering = undefined;
    this.#length = -1;
    return gathering.finish();
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = length === this.#bytes.length ? NOTHING : this.#bytes.subarray(length);
    return taken;
  }
}
