import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Document, isMap, isSeq, parseDocument } from 'yaml';
import { failure, messageOf } from '#base';
import type { KeyEntry } from '#spec';
import { entriesOf, textOf } from './access.ts';

/** Another command that writes the same file is waited for so long. Milliseconds. */
const WAIT_MS = 5000;
const LOOK_MS = 50;

/** A digest lets nobody in; who has keys, and how many, is still nobody's business. */
const OWNER_ONLY = 0o600;

/**
 * Adds an entry to a file of keys, or makes the file. Whoever reads it meanwhile has the old one or the new one, whole; its
 * comments stay. Throws `keys_invalid` or `file_unreadable`, and then the file is as it was.
 */
export async function addToKeyFile(path: string, entry: KeyEntry): Promise<void> {
  // A link stays one.
  const target = await realpath(path).catch(() => path);
  const beside = `${target}.new`;
  const file = await lock(beside);
  try {
    const before = await stat(target).catch(() => undefined);
    await file.writeFile(added(before === undefined ? '' : textOf(target), target, entry));
    // Only root may, and only root needs to: a server of another user goes on reading its file.
    if (before !== undefined) await file.chown(before.uid, before.gid).catch(() => undefined);
    await file.chmod(before === undefined ? OWNER_ONLY : before.mode & 0o660);
    await file.sync();
    await rename(beside, target);
  } catch (error: unknown) {
    await unlink(beside).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** The text with one entry more, checked. */
function added(text: string, file: string, entry: KeyEntry): string {
  const before = text.trim() === '' ? [] : entriesOf(text, file);
  const next = file.endsWith('.json')
    ? `${JSON.stringify({ keys: [...before, entry] }, null, 2)}\n`
    : addedInYaml(text, entry);
  entriesOf(next, file);
  return next;
}

function addedInYaml(text: string, entry: KeyEntry): string {
  const document = text.trim() === '' ? new Document({ keys: [] }) : parseDocument(text);
  const keys = isMap(document.contents) ? document.contents.get('keys') : undefined;
  if (isSeq(keys)) {
    // What was written as [] would go on in one line.
    if (keys.items.length === 0) keys.flow = false;
    keys.add(document.createNode(entry));
  }
  return document.toString({ lineWidth: 0 });
}

/** The new file beside the old one, which nobody else has. */
async function lock(path: string): Promise<FileHandle> {
  for (let waited = 0; ; waited += LOOK_MS) {
    try {
      return await open(path, 'wx', OWNER_ONLY);
    } catch (error: unknown) {
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!isThere || waited >= WAIT_MS) throw unwritable(path, isThere, error);
    }
    await setTimeout(LOOK_MS);
  }
}

function unwritable(path: string, isThere: boolean, error: unknown): Error {
  const problem = isThere
    ? 'another command is writing it, or one was killed; then remove it'
    : messageOf(error);
  return failure('file_unwritable', { path, problem }, error);
}
