/** What a process hears of the one that started it, on standard input: a secret, and its end. */
import { Lines } from '#base';
import { wrong } from './flags.ts';

/** A parent that starts a server writes at once. Milliseconds. */
const FIRST_LINE_MS = 10_000;

/** Characters. */
const LONGEST_LINE = 1024;

/**
 * The first line of standard input: a secret, that no list of processes and no environment shows. Throws `usage_invalid`
 * where none comes.
 */
export async function firstLine(): Promise<string> {
  const reader = new Lines();
  const found = Promise.withResolvers<string>();
  const refuse = (): void =>
    found.reject(wrong('--only-gateway wants a secret as the first line of standard input'));
  const take = (bytes: Buffer): void => {
    const [line] = reader.push(bytes);
    if (line !== undefined && line !== '' && line.length <= LONGEST_LINE) found.resolve(line);
    else if (line !== undefined) refuse();
  };
  const timer = setTimeout(refuse, FIRST_LINE_MS);
  process.stdin.on('data', take).once('end', refuse).once('error', refuse);
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
    process.stdin.pause().off('data', take).off('end', refuse).off('error', refuse);
  }
}

/**
 * A pipe on standard input closes when the parent ends, however it ends. The parent was the only client, so nobody is left
 * to drain for. Watching it keeps no process alive.
 */
export function watchParent(end: () => void): void {
  process.stdin.once('end', end).once('error', end).resume();
  if ('unref' in process.stdin) process.stdin.unref();
}
