import type { ReplayBudget } from '../replay-budget.ts';

/** Where a call's messages go. */
export interface Sink {
  /** One message, framed. False when much waits to be sent: `RequestMessages.drained` when there is room again. */
  write(pieces: readonly Uint8Array[]): boolean;
  /** There are no more. */
  end(): void;
}

export interface RequestMessagesOptions {
  /** Lets go of the oldest message, so that another may come. */
  readonly source: { release(): void };
  /** Of all calls together. */
  readonly budget: Pick<ReplayBudget, 'take' | 'give'>;
  /** Bytes and messages of one call that may be kept. */
  readonly mostBytes: number;
  readonly mostMessages: number;
}

/** Below this a message and its prefix are joined: one small write costs less than two. Bytes. */
const JOINED_BELOW = 16 * 1024;

const PREFIX = 5;

/**
 * A client's messages on their way to a server: at the server's pace, and kept until an answer begins, so that they can be
 * sent once more to another server. A call over the limits, or past the budget, is not kept.
 */
export class RequestMessages {
  readonly #options: RequestMessagesOptions;
  /** Not let go of, oldest first. */
  #messages: Buffer[] = [];
  /** Of those, how many the sink was given. */
  #sent = 0;
  #keptBytes = 0;
  #repeatable = true;
  #ended = false;
  #endSent = false;
  #full = false;
  #sink: Sink | undefined;

  constructor(options: RequestMessagesOptions) {
    this.#options = options;
  }

  /** Whether all that was sent so far can be sent again. */
  get repeatable(): boolean {
    return this.#repeatable;
  }

  /** Whether the client has said all. */
  get ended(): boolean {
    return this.#ended;
  }

  add(message: Buffer): void {
    this.#messages.push(message);
    this.#keep(message.length);
    this.#flow();
  }

  end(): void {
    this.#ended = true;
    this.#flow();
  }

  /** Sends what was kept, and all that follows, to a server. */
  sendTo(sink: Sink): void {
    this.#sink = sink;
    this.#sent = 0;
    this.#endSent = false;
    this.#full = false;
    this.#flow();
  }

  /** The sink has room again. */
  drained(): void {
    this.#full = false;
    this.#flow();
  }

  /** Holds the client until there is another server to send to. */
  detach(): void {
    this.#sink = undefined;
  }

  /** An answer has begun: nothing will be sent again. */
  settle(): void {
    if (!this.#repeatable) return;
    this.#forget();
    this.#flow();
  }

  /** Nobody wants the rest. */
  discard(): void {
    this.#forget();
    this.#sink = undefined;
    this.#messages = [];
  }

  #keep(bytes: number): void {
    if (!this.#repeatable) return;
    const { mostBytes, mostMessages, budget } = this.#options;
    const fits = this.#keptBytes + bytes <= mostBytes && this.#messages.length <= mostMessages;
    if (!fits || !budget.take(bytes)) return this.#forget();
    this.#keptBytes += bytes;
  }

  #forget(): void {
    this.#repeatable = false;
    this.#options.budget.give(this.#keptBytes);
    this.#keptBytes = 0;
  }

  #flow(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    while (!this.#full && this.#sent < this.#messages.length) {
      const message = this.#messages[this.#sent++];
      if (message !== undefined) this.#full = !sink.write(prefixed(message));
    }
    if (this.#ended && !this.#endSent && this.#sent === this.#messages.length) {
      this.#endSent = true;
      sink.end();
    }
    if (!this.#repeatable && !this.#full) this.#release();
  }

  /** Lets go of what is sent. Each may bring the next message at once, and with it this room again. */
  #release(): void {
    const released = this.#sent;
    if (released === 0) return;
    this.#messages.splice(0, released);
    this.#sent = 0;
    for (let times = 0; times < released; times++) this.#options.source.release();
  }
}

/** A message as it goes over the wire, uncompressed. */
function prefixed(message: Buffer): readonly Uint8Array[] {
  const isSmall = message.length < JOINED_BELOW;
  const head = Buffer.allocUnsafe(isSmall ? PREFIX + message.length : PREFIX);
  head[0] = 0;
  head.writeUInt32BE(message.length, 1);
  if (!isSmall) return [head, message];
  message.copy(head, PREFIX);
  return [head];
}
