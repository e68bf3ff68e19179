import { AppError, failure, messageOf } from '#base';
import type { Blob } from '../content.ts';

/**
 * How a blob is opened so that what cannot be read is told as that: its own error would be taken for one of the registry that it goes
 * to. Tells how far it was read, too.
 */
export function readable(blob: Blob, onRead: (reached: number) => void): Blob['open'] {
  return async function* read(start, signal) {
    let reached = start;
    try {
      for await (const chunk of blob.open(start, signal)) {
        // Before it is handed out: after that it may be another one's.
        reached += chunk.length;
        yield chunk;
        onRead(reached);
      }
    } catch (error: unknown) {
      signal.throwIfAborted();
      throw unreadable(blob.digest, error);
    }
  };
}

/** What is worded keeps its code: a registry that a base layer comes from may be there again later. */
function unreadable(digest: string, error: unknown): AppError {
  if (error instanceof AppError) {
    const message = `${digest} cannot be read to be pushed: ${error.message}`;
    return new AppError(error.code, message, error.facts, error);
  }
  const problem = `it cannot be read to be pushed: ${messageOf(error)}`;
  return failure('image_invalid', { subject: digest, problem, remedy: 'build the image again' }, error);
}
