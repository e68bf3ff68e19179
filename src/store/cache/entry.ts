/** What lies beside the files of a published artifact and says what they must be. */
import * as z from 'zod';
import { digestOf, folderOf, type Manifest } from '../manifest.ts';
import { isSafePath } from '../source.ts';

const HEX = /^[0-9a-f]{64}$/;

const entrySchema = z.object({
  version: z.literal(1),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  within: z.string().optional(),
  boot: z.string().optional(),
  files: z
    .array(z.tuple([z.string().refine(isSafePath), z.int().nonnegative(), z.string().regex(HEX)]))
    .min(1),
});

export interface Entry {
  readonly digest: string;
  /** As it is laid out. */
  readonly laid: Manifest;
  /** The one version folder that is the artifact; undefined where all of it is. */
  readonly within?: string | undefined;
  /** The start of the machine that it was written in: what was written before a power cut may not have reached the disk. */
  readonly boot?: string | undefined;
}

/** The artifact that files are, laid out as they are. */
export function artifactOf({ laid, within }: Pick<Entry, 'laid' | 'within'>): Manifest {
  return (within === undefined ? undefined : folderOf(laid, within)) ?? laid;
}

export function entryOf(laid: Manifest, within: string | undefined, boot: string | undefined): Entry {
  return { digest: digestOf(artifactOf({ laid, within })), laid, within, boot };
}

export function entryText({ digest, laid, within, boot }: Entry): string {
  const files = laid.files.map(({ path, size, sha256 }) => [path, size, sha256]);
  return `${JSON.stringify({ version: 1, digest, within, boot, files })}\n`;
}

/** Undefined for what is broken, or does not add up to the digest it tells. */
export function readEntry(text: string): Entry | undefined {
  const { data } = entrySchema.safeParse(parsed(text));
  if (data === undefined) return undefined;
  const files = data.files.map(([path, size, sha256]) => ({ path, size, sha256 }));
  const entry = entryOf({ files }, data.within, data.boot);
  return entry.digest === data.digest ? entry : undefined;
}

/** The value of a JSON text; undefined for what is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A torn write or a stranger's file: who reads it takes it for nothing.
    return undefined;
  }
}
