import { type AppError, asAppError, failure } from '#base';
import { type BodySink, Gathering, type HttpRequest } from '#net';
import type { Admission } from '../admission.ts';
import { contentCoding } from '../content-coding.ts';
import { inflate } from './inflating.ts';

export interface BodyOptions {
  /** Bytes, of what is sent and of what it inflates to. */
  readonly limit: number;
  /** Holds the bytes; the caller releases as many when the body is no longer needed. */
  readonly admission: Admission;
  /** Called when nothing known so far speaks against the body: a client may wait for that before it sends it. */
  readonly proceed: () => void;
  /**
   * The position within the body that is to lie on a 16-byte boundary of its memory, so that numbers from there on can be
   * viewed. A body that came in one piece, or inflated to little, stays where it is.
   */
  readonly align?: number | undefined;
}

/**
 * Reads a request's body whole and inflates it, refusing what is too large before it is read where its length is declared.
 * A compressed body is inflated only when all of it is here: its sender keeps bytes waiting, and nothing else. Throws
 * `encoding_unsupported`, `encoding_malformed`, `body_too_large`, `body_cut` or `overloaded`, and then holds nothing.
 */
export async function readBody(request: HttpRequest, options: BodyOptions): Promise<Buffer> {
  const { limit, admission, proceed, align } = options;
  const coding = contentCoding(request.headers['content-encoding']);
  const declared = request.headers['content-length'];
  const expected = declared === undefined ? undefined : Number(declared);
  if (expected !== undefined && expected > limit) throw failure('body_too_large', { limit });
  proceed();
  if (coding === 'identity')
    return collect(request, new Gathering({ limit, budget: admission, expected, align, owned: true }));
  const bytes = await collect(request, new Gathering({ limit, budget: admission, expected, owned: true }));
  try {
    return await inflate({ bytes, coding }, { limit, budget: admission, align });
  } finally {
    admission.release(bytes.length);
  }
}

function collect(request: HttpRequest, gathering: Gathering): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    request.deliver(
      new Collecting(gathering, resolve, error => {
        request.forgo();
        reject(error);
      }),
    ),
  );
}

class Collecting implements BodySink {
  readonly #gathering: Gathering;
  readonly #collected: (body: Buffer) => void;
  readonly #refused: (error: AppError) => void;

  constructor(gathering: Gathering, collected: (body: Buffer) => void, refused: (error: AppError) => void) {
    this.#gathering = gathering;
    this.#collected = collected;
    this.#refused = refused;
  }

  take(piece: Buffer): void {
    try {
      this.#gathering.add(piece);
    } catch (error: unknown) {
      this.#refuse(asAppError(error));
    }
  }

  end(): void {
    this.#collected(this.#gathering.finish());
  }

  cut(cause: Error | null): void {
    this.#refuse(failure('body_cut', {}, cause));
  }

  #refuse(error: AppError): void {
    this.#gathering.abandon();
    this.#refused(error);
  }
}
