/** Texts in a cache, which may be lost: each is there whole or not at all. */
import { readFile } from 'node:fs/promises';
import { once, writeWhole } from './writing.ts';

/** Undefined where there is none that can be read: it is made anew. */
export async function keptText(path: string, signal: AbortSignal): Promise<string | undefined> {
  const text = await readFile(path, { encoding: 'utf8', signal }).catch(() => undefined);
  signal.throwIfAborted();
  return text;
}

/** Two processes that keep one text at once each write their own file: the last one stays. Throws `image_unwritable`. */
export async function keep(path: string, text: string): Promise<void> {
  await writeWhole(path, once(Buffer.from(text)));
}
