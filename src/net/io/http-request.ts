import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/* oxlint-disable no-underscore-dangle -- node:stream gives these names to who implements a stream. */

/** Whoever takes a request's body as it comes. It must not throw: the parser calls it. */
export interface BodySink {
  /** A piece, whose memory is its own: node:http copies what its parser finds. */
  take(piece: Buffer): void;
  /** All of it has come. */
  end(): void;
  /** The rest of it will not come. */
  cut(cause: Error | null): void;
}

/**
 * A request whose body can be taken straight from the parser. As a stream, a small body costs a tenth of its request and
 * more: listeners, turns of the queue of ticks, and node:http draining it once more, as it cannot see that it was read.
 */
export class HttpRequest extends IncomingMessage {
  #sink: BodySink | undefined;
  /** Who takes it by way of the stream, since some of it is in there. */
  #late: BodySink | undefined;
  #delivered = false;

  static {
    // By this node:http knows that nothing is left to read, and lets the request go. The types call it a field.
    Object.defineProperty(this.prototype, 'readableEnded', {
      get(this: HttpRequest): boolean {
        return this.#delivered || Reflect.get(Readable.prototype, 'readableEnded', this);
      },
    });
  }

  /** Best called before anything else is awaited: what has come by then is in the stream already, which costs more. */
  deliver(sink: BodySink): void {
    if (this.readableLength > 0 || this.complete) return this.#deliverLate(sink);
    this.#sink = sink;
    // By this node:http knows that somebody reads.
    this._read(0);
  }

  /** Leaves what still comes to the stream. */
  forgo(): void {
    this.#sink = undefined;
    this.#late = undefined;
  }

  override push(piece: Buffer | null): boolean {
    const sink = this.#sink;
    if (sink === undefined) return super.push(piece);
    if (piece !== null) sink.take(piece);
    else {
      this.#sink = undefined;
      this.#delivered = true;
      sink.end();
    }
    return true;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const sink = this.#sink ?? this.#late;
    this.forgo();
    sink?.cut(error);
    super._destroy(error, callback);
  }

  #deliverLate(sink: BodySink): void {
    this.#late = sink;
    this.on('data', (piece: Buffer) => this.#late?.take(piece));
    this.once('end', () => {
      const late = this.#late;
      this.#late = undefined;
      late?.end();
    });
  }
}
