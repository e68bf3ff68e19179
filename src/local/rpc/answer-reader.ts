import { failure } from '#base';

/** A message's flag and length. */
const PREFIX = 5;

const NOTHING = Buffer.alloc(0);

/** Cuts a server's bytes into gRPC messages, each in the pieces that it came in: nothing is copied. */
export class AnswerReader {
  /** What has come and is not read. */
  #bytes: Buffer = NOTHING;
  /** Of the message that has begun; -1 between two. */
  #length = -1;
  #pieces: Buffer[] = [];
  #have = 0;

  /** Whether a message has begun and is not whole. */
  get begun(): boolean {
    return this.#length !== -1 || this.#bytes.length > 0;
  }

  /** Bytes of the message that has begun; 0 while that is not known. */
  get expected(): number {
    return Math.max(0, this.#length);
  }

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** The next whole message. Throws `rpc_malformed`; then there is no going on. */
  next(): readonly Buffer[] | undefined {
    if (this.#length === -1 && !this.#begin()) return undefined;
    const piece = this.#bytes.subarray(0, this.#length - this.#have);
    this.#bytes = piece.length === this.#bytes.length ? NOTHING : this.#bytes.subarray(piece.length);
    this.#pieces.push(piece);
    this.#have += piece.length;
    if (this.#have < this.#length) return undefined;
    const whole = this.#pieces;
    this.#pieces = [];
    this.#have = 0;
    this.#length = -1;
    return whole;
  }

  #begin(): boolean {
    if (this.#bytes.length < PREFIX) return false;
    // Whoever does not say what it can inflate is not sent anything compressed.
    if (this.#bytes[0] !== 0)
      throw failure('rpc_malformed', { problem: `a message begins with ${this.#bytes[0]}` });
    this.#length = this.#bytes.readUInt32BE(1);
    this.#bytes = this.#bytes.subarray(PREFIX);
    return true;
  }
}
