import type { IncomingMessage } from 'node:http';
import { asAppError, failure } from '#base';
import type { Admission } from './admission.ts';

export interface BodyOptions {
  /** Bytes. */
  readonly limit: number;
  /** Holds the bytes; the caller releases as many when the body is no longer needed. */
  readonly admission: Admission;
  /** Called when nothing known so far speaks against the body: a client may wait for that before it sends it. */
  readonly proceed: () => void;
}

/**
 * Reads a request's body whole, refusing what is too large before it is read where its length is declared. Throws
 * `encoding_unsupported`, `body_too_large`, `body_cut` or `overloaded`, and then holds nothing.
 */
export async function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw failure('encoding_unsupported', { encoding: encoding.slice(0, 100) });
  }
  const { limit } = options;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw failure('body_too_large', { limit });
  options.proceed();
  return collect(request, options);
}

function collect(request: IncomingMessage, { limit, admission }: BodyOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const refuse = (error: Error): void => {
      request.removeListener('data', take);
      admission.release(chunks.reduce((sum, { length }) => sum + length, 0));
      chunks.length = 0;
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > limit) return refuse(failure('body_too_large', { limit }));
      try {
        admission.hold(chunk.length);
        chunks.push(chunk);
      } catch (error: unknown) {
        refuse(asAppError(error));
      }
    };
    const cut = (cause?: Error): void => refuse(failure('body_cut', {}, cause));
    request.on('data', take);
    request.once('close', cut);
    request.once('error', cut);
    request.once('end', () => {
      // Every request closes in the end; an error with its stack for each would be the costliest part of a request.
      request.removeListener('close', cut);
      resolve(whole(chunks));
    });
  });
}

/** Most bodies arrive in one piece, which needs no copy. */
function whole(chunks: readonly Buffer[]): Buffer {
  const [only, second] = chunks;
  return only !== undefined && second === undefined ? only : Buffer.concat(chunks);
}
