import { failure } from '#base';

/** A message's flag and length. */
const PREFIX = 5;

/** A message that comes in many reads is written on in fewer, of at most so many bytes. */
const PORTION = 128 * 1024;

const NOTHING = Buffer.alloc(0);

/** Cuts a server's bytes into gRPC messages: each a view of what came, or gathered into portions of one size. */
export class AnswerReader {
  /** What has come and is not read. */
  #bytes: Buffer = NOTHING;
  /** Of the message that has begun; -1 between two. */
  #length = -1;
  /** Of the message that has begun, whole but for the last. */
  #portions: Buffer[] = [];
  #filled = 0;

  /** Whether something has come that is not a whole message yet, or was not asked for. */
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
    if (this.#filled === 0 && this.#bytes.length >= this.#length) {
      const whole = this.#take(this.#length);
      this.#length = -1;
      return [whole];
    }
    this.#gather();
    if (this.#filled < this.#length) return undefined;
    const portions = this.#portions;
    this.#portions = [];
    this.#filled = 0;
    this.#length = -1;
    return portions;
  }

  #begin(): boolean {
    if (this.#bytes.length < PREFIX) return false;
    // Whoever does not say what it can inflate is not sent anything compressed.
    const flag = this.#bytes[0];
    if (flag !== 0) throw failure('rpc_malformed', { problem: `a message begins with ${flag}` });
    this.#length = this.#bytes.readUInt32BE(1);
    this.#bytes = this.#bytes.subarray(PREFIX);
    return true;
  }

  /** Each portion gets its memory when it begins: what is announced alone takes none. */
  #gather(): void {
    const size = Math.ceil(this.#length / Math.ceil(this.#length / PORTION));
    while (this.#bytes.length > 0 && this.#filled < this.#length) {
      const at = this.#filled % size;
      if (at === 0) this.#portions.push(Buffer.allocUnsafeSlow(Math.min(size, this.#length - this.#filled)));
      const portion = this.#portions.at(-1) ?? NOTHING;
      const piece = this.#take(Math.min(this.#bytes.length, portion.length - at));
      portion.set(piece, at);
      this.#filled += piece.length;
    }
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = length === this.#bytes.length ? NOTHING : this.#bytes.subarray(length);
    return taken;
  }
}
