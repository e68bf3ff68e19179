import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a model's file, or of the files in its folder; 0 where they cannot be read, which its load will tell. */
export async function filesSize(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return found.size;
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries.filter(entry => entry.isFile()).map(entry => stat(join(path, entry.name)));
    return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
  } catch {
    return 0;
  }
}
