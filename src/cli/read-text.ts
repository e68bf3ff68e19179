import { readFile } from 'node:fs/promises';
import { failure, messageOf } from '#base';

/** The text of a file. Throws `file_unreadable`. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}
