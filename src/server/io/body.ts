import type { IncomingMessage } from 'node:http';
import { failure } from '#base';

/** Reads a request's body whole, refusing what is too large before it is read where its length is declared. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    return Promise.reject(failure('encoding_unsupported', { encoding: encoding.slice(0, 100) }));
  }
  if (Number(request.headers['content-length'] ?? 0) > limit)
    return Promise.reject(failure('body_too_large', { limit }));
  return collect(request, limit);
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received <= limit) {
        chunks.push(chunk);
        return;
      }
      request.removeAllListeners('data');
      reject(failure('body_too_large', { limit }));
    });
    const cut = (cause?: Error): void => reject(failure('body_cut', { received }, cause));
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
