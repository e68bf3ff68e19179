import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type AppError, failure, messageOf } from '#base';
import { modelFiles } from '#store';
import { MOST_TEXT } from '../../protobuf/text-format.ts';
import type { Listing } from '../layout.ts';

/** What lies in a folder. A link is what it leads to; one that leads nowhere, and what is neither file nor folder, is left out. */
export async function listing(folder: string): Promise<Listing> {
  const files: string[] = [];
  const folders: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(error =>
    Promise.reject(unreadable(folder, error)),
  );
  for (const entry of entries) {
    const found = entry.isSymbolicLink()
      ? await stat(join(folder, entry.name)).catch(() => undefined)
      : entry;
    if (found?.isFile()) files.push(entry.name);
    else if (found?.isDirectory()) folders.push(entry.name);
  }
  return { files: files.toSorted(), folders: folders.toSorted() };
}

/** Tells what lies in a folder from what lay there before: each visible file's name, size and time of change. */
export async function identityOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of files.filter(one => !one.startsWith('.'))) {
    const found = await stat(join(folder, name), { bigint: true }).catch(() => undefined);
    hash.update(JSON.stringify([name, String(found?.size), String(found?.mtimeNs)]));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The same of a folder that is a model, with what lies in the folders within it. Throws as `modelFiles` does. */
export async function identityWithin(folder: string): Promise<string> {
  const files = await modelFiles(folder, false);
  return identityOf(
    folder,
    files.map(path => relative(folder, path)),
  );
}

/** A configuration's text. Throws `file_unreadable`, also for one that is too large or not UTF-8. */
export async function textOf(path: string): Promise<string> {
  const bytes = await bytesOf(path).catch(error => Promise.reject(unreadable(path, error)));
  if (bytes.length > MOST_TEXT)
    throw failure('file_unreadable', { path, problem: `it has more than ${MOST_TEXT} bytes` });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw failure('file_unreadable', { path, problem: 'it is not UTF-8 text' });
  }
}

/** A file's bytes, or so many that it is too large. */
async function bytesOf(path: string): Promise<Buffer> {
  // Opening a pipe might never end.
  const found = await stat(path);
  if (!found.isFile()) throw new Error('it is not a regular file');
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(found.size, MOST_TEXT) + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < buffer.length; length += got)
      ({ bytesRead: got } = await file.read(buffer, length, buffer.length - length));
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

export function unreadable(path: string, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failure('file_missing', { path, purpose: 'the model repository' }, error);
  return failure('file_unreadable', { path, problem: messageOf(error) }, error);
}
