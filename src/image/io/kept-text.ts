/** Texts in a cache, which may be lost: each is there whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, messageOf } from '#base';

/** Undefined where there is none that can be read: it is made anew. */
export async function keptText(path: string, signal: AbortSignal): Promise<string | undefined> {
  const text = await readFile(path, { encoding: 'utf8', signal }).catch(() => undefined);
  signal.throwIfAborted();
  return text;
}

/** Two processes that keep one text at once each write their own file: the last one stays. Throws `image_unwritable`. */
export async function keep(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error: unknown) {
    await rm(draft, { force: true }).catch(() => {});
    throw failure('image_unwritable', { path, problem: messageOf(error) }, error);
  }
}
