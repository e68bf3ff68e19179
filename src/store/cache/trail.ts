/** What a URI led to: kept, so that the next time nothing is fetched that is here, and a pinned model needs no network. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { RemoteFile } from '../source.ts';
import type { Signature, Wanted } from '../store.ts';
import type { Reference } from '../uri/reference.ts';
import { parsed } from './entry.ts';

const trailSchema = z.object({
  version: z.literal(1),
  uri: z.string(),
  digest: z.string(),
  tree: z.string(),
  named: z.string().optional(),
  revision: z.string().optional(),
  pulledAt: z.number(),
  mark: z.string(),
  files: z.array(z.tuple([z.string(), z.string(), z.string()])),
  signatures: z.array(z.tuple([z.string(), z.string()])),
});

export interface Trail {
  /** For people: without what may be secret. */
  readonly uri: string;
  readonly digest: string;
  /** The published artifact. */
  readonly tree: string;
  /** The file of it that the URI names; undefined where it names the folder. */
  readonly named?: string | undefined;
  readonly revision?: string | undefined;
  /** Milliseconds since 1970. */
  readonly pulledAt: number;
  /** Another one for each pull, so that who waited for one sees that it has been. */
  readonly mark: string;
  /** The SHA-256 that each file had when it came, by what its source said of it. */
  readonly known: readonly KnownFile[];
  readonly signatures: readonly Signature[];
}

export interface KnownFile {
  readonly path: string;
  /** As `stampOf` says it. */
  readonly stamp: string;
  readonly sha256: string;
}

/** What tells that a file of a source is still the same; undefined where nothing does. */
export function stampOf({ size, token, checksum }: RemoteFile): string | undefined {
  if (checksum?.algorithm === 'sha256') return `sha256:${checksum.hex}`;
  return token === undefined ? undefined : JSON.stringify([size, token]);
}

/** The name of what a URI led to, asked for in this way. Signatures in an address expire, and change nothing. */
export function trailKey(
  reference: Reference,
  { include, exclude, versions }: Pick<Wanted, 'include' | 'exclude' | 'versions'>,
): string {
  const place = Object.entries(reference).filter(([name]) => name !== 'sas');
  const asked = [place.toSorted(([a], [b]) => (a < b ? -1 : 1)), include, exclude, versions];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

export function trailText(trail: Trail): string {
  const { known, signatures, ...rest } = trail;
  const files = known.map(({ path, stamp, sha256 }) => [path, stamp, sha256]);
  const signed = signatures.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('base64')]);
  const line = JSON.stringify({ version: 1, ...rest, files, signatures: signed });
  return `${line}\n${sumOf(line)}\n`;
}

/** Beside the text: nothing else would tell that the name of a file or a revision is another one than it was. */
function sumOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Undefined for what is broken. */
export function readTrail(text: string): Trail | undefined {
  const [line = '', sum] = text.split('\n');
  if (sum !== sumOf(line)) return undefined;
  const { data } = trailSchema.safeParse(parsed(line));
  if (data === undefined) return undefined;
  const { files, signatures, version: _version, ...rest } = data;
  return {
    ...rest,
    known: files.map(([path, stamp, sha256]) => ({ path, stamp, sha256 })),
    signatures: signatures.map(([path, bytes]) => ({ path, bytes: Buffer.from(bytes, 'base64') })),
  };
}

/** The SHA-256 that a file has, as its source or the last pull of it says. */
export function knownHashes(trail: Trail | undefined): (file: RemoteFile) => string | undefined {
  const known = byPath(trail);
  return file => {
    if (file.checksum?.algorithm === 'sha256') return file.checksum.hex;
    const one = known.get(file.path);
    return one?.stamp === stampOf(file) ? one?.sha256 : undefined;
  };
}

/** Whether what is there now is what it was, as far as its source can tell. */
export function isSame(files: readonly RemoteFile[], trail: Trail): boolean {
  const [hashOf, known] = [knownHashes(trail), byPath(trail)];
  return (
    files.length === trail.known.length &&
    files.every(file => hashOf(file) === (known.get(file.path)?.sha256 ?? 'unknown'))
  );
}

function byPath(trail: Trail | undefined): ReadonlyMap<string, KnownFile> {
  return new Map(trail?.known.map(one => [one.path, one]));
}
