import { randomBytes } from 'node:crypto';
import { table } from '#base';
import { digestOf } from '#net';
import { counts, type KeyEntry, readExpiry, readLabel, readRate } from '#spec';
import { entriesOf, textOf } from '../access.ts';
import { integer, textOfKind, wrong } from '../flags.ts';
import { addToKeyFile } from '../key-file.ts';
import { written } from '../written.ts';

/** As the command line gives them, defaults filled in. */
export interface NewKeyFlags {
  readonly file: string;
  readonly rate?: string;
  readonly concurrent?: string;
  readonly expires?: string;
}

export interface ListKeysFlags {
  readonly file: string;
  readonly output: string;
}

/** By this people, and scanners of source code, know a key for what it is. */
const PREFIX = 'fl_';

/** Makes a key, adds its digest to the file, and prints it: the only time that anybody sees it. */
export async function newKey(name: string, flags: NewKeyFlags): Promise<void> {
  const key = PREFIX + randomBytes(32).toString('base64url');
  await addToKeyFile(flags.file, entryOf(name, key, flags));
  process.stdout.write(`${key}\n`);
  process.stderr.write(`${flags.file} has its digest. The key itself is kept nowhere.\n`);
}

function entryOf(name: string, key: string, { rate, concurrent, expires }: NewKeyFlags): KeyEntry {
  return written({
    name: nameOf(name),
    sha256: digestOf(key).toString('hex'),
    expires: expires === undefined ? undefined : textOfKind('expires', expires, readExpiry),
    rate: rate === undefined ? undefined : textOfKind('rate', rate, readRate),
    concurrent: concurrent === undefined ? undefined : integer('concurrent', concurrent, counts.inFlight),
  });
}

function nameOf(text: string): string {
  const read = readLabel(text);
  if (read.ok) return read.value;
  throw wrong(`NAME ${read.error}, not '${text}'`);
}

/** Prints what a file says of its keys, and enough of each digest to tell them apart. */
export async function listKeys({ file, output }: ListKeysFlags): Promise<void> {
  const now = Date.now();
  const keys = entriesOf(textOf(file), file).map(({ sha256, ...entry }) => ({
    ...entry,
    digest: sha256.slice(0, 8),
    expired: isOver(entry.expires, now),
  }));
  const text = output === 'json' ? `${JSON.stringify(keys, null, 2)}\n` : keyTable(keys);
  process.stdout.write(text);
}

function isOver(expires: string | undefined, now: number): boolean {
  const end = expires === undefined ? undefined : readExpiry(expires);
  return end?.ok === true && end.value <= now;
}

type Listed = Omit<KeyEntry, 'sha256'> & { readonly digest: string; readonly expired: boolean };

function keyTable(keys: readonly Listed[]): string {
  const rows = keys.map(({ name, digest, rate, concurrent, expires, expired }) => [
    name,
    digest,
    rate ?? '-',
    concurrent === undefined ? '-' : String(concurrent),
    `${expires ?? '-'}${expired ? ' (expired)' : ''}`,
  ]);
  return table([['NAME', 'DIGEST', 'RATE', 'CONCURRENT', 'EXPIRES'], ...rows]);
}
