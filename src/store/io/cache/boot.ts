import { readFile } from 'node:fs/promises';

/** Another one each time that the machine starts, and the same in all its containers; undefined where nothing tells. */
export async function bootId(): Promise<string | undefined> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  return text?.trim();
}
