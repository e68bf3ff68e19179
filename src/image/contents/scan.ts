import { z } from 'zod';
import { digestOf } from '../oci/documents.ts';

/**
 * What one layer holds, as far as it is kept: enough to lay it over others, and to know what is installed. It depends on the
 * layer only, so it is made once for each.
 */
export interface LayerScan {
  /** In the order of the layer. */
  readonly rows: readonly ScanRow[];
  /** Of files that say what is installed, by path. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * Its path, what it is, bytes of a file, and where a link leads. A `whiteout` hides a path of the layers below, an `opaque` all
 * that they have in a folder: OCI image specification, layers, "Whiteouts". What is neither file, folder nor link is an empty file.
 */
export type ScanRow = readonly [path: string, kind: RowKind, size: number, target: string];

const kinds = ['file', 'folder', 'link', 'hard link', 'whiteout', 'opaque'] as const;

export type RowKind = (typeof kinds)[number];

/** Counts up when what is kept, or what is looked for, changes: scans of before are made anew. */
const VERSION = 2;

const kept = z.object({
  version: z.literal(VERSION),
  diffId: z.string(),
  rows: z.array(z.tuple([z.string(), z.enum(kinds), z.number().int().min(0), z.string()])),
  texts: z.record(z.string(), z.string()),
});

/** As it is kept in a file: the digest of what follows, which one digit that a disk has changed would else make a lie. */
export function scanText(diffId: string, { rows, texts }: LayerScan): string {
  const scan = JSON.stringify({ version: VERSION, diffId, rows, texts });
  return `${digestOf(Buffer.from(scan))}\n${scan}`;
}

/** Reads what `scanText` wrote; undefined for anything else, such as a scan of another layer or by another release. */
export function readScan(text: string, diffId: string): LayerScan | undefined {
  const [digest = '', scan = ''] = text.split('\n', 2);
  if (digestOf(Buffer.from(scan)) !== digest) return undefined;
  const read = kept.safeParse(jsonOf(scan));
  return read.success && read.data.diffId === diffId ? read.data : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
