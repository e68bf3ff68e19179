import { createHash } from 'node:crypto';
import { failure } from '#base';
import { type ArchiveEntry, layerEntries } from '#store';
import { isDatabase } from '../contents/databases.ts';
import { rowOf } from '../contents/row.ts';
import type { LayerScan, ScanRow } from '../contents/scan.ts';

export interface LayerToScan {
  /** Digest of it as tar. */
  readonly diffId: string;
  readonly mediaType: string;
  /** As it is stored, from its first byte. */
  readonly open: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** Far over what images have (a CUDA one with PyTorch: 100 thousand entries, 10 MB of such texts), and what memory has room for. */
const LIMITS = {
  entries: 2_000_000,
  /** Characters of all paths. */
  names: 256 * 1024 ** 2,
  /** Bytes of one text, and of all. */
  text: 32 * 1024 ** 2,
  texts: 256 * 1024 ** 2,
  /** Bytes of the tar file: what comes out of a few may be without end. */
  tar: 256 * 1024 ** 3,
};

export type ScanLimits = typeof LIMITS;

/** Reads a layer to its end. Throws `archive_invalid`, `image_invalid`, the signal's reason, or what reading it throws. */
export async function scanLayer(
  layer: LayerToScan,
  signal: AbortSignal,
  limits: ScanLimits = LIMITS,
): Promise<LayerScan> {
  const { diffId, mediaType } = layer;
  const called = `the layer ${diffId.slice(0, 19)}…`;
  const hash = createHash('sha256');
  const scan = new Scan(called, limits);
  const onTar = (chunk: Uint8Array): void => {
    signal.throwIfAborted();
    hash.update(chunk);
    scan.count('tar', chunk.length);
  };
  for await (const entry of layerEntries({ called, mediaType, bytes: layer.open(signal), onTar }))
    await scan.take(entry);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== diffId)
    throw failure('image_invalid', {
      subject: called,
      problem: `it comes to ${found}, and its image says ${diffId}`,
      remedy: 'the registry gave other bytes than were pushed; pull it from another one, or push it again',
    });
  return scan;
}

/** What is kept of a layer, as it goes by. */
class Scan implements LayerScan {
  readonly rows: ScanRow[] = [];
  readonly texts: Record<string, string> = {};
  readonly #called: string;
  readonly #limits: ScanLimits;
  readonly #counts: Record<keyof ScanLimits, number> = { entries: 0, names: 0, text: 0, texts: 0, tar: 0 };

  constructor(called: string, limits: ScanLimits) {
    this.#called = called;
    this.#limits = limits;
  }

  async take(entry: ArchiveEntry): Promise<void> {
    this.count('entries', 1);
    this.count('names', entry.name.length + entry.target.length);
    const row = rowOf(entry);
    if (row === undefined) return;
    this.rows.push(row);
    const [path, kind] = row;
    if (kind === 'file' && isDatabase(path)) this.texts[path] = await this.#textOf(entry);
  }

  count(what: keyof ScanLimits, more: number): void {
    this.#counts[what] += more;
    if (this.#counts[what] > this.#limits[what]) this.#refuse(what);
  }

  async #textOf(entry: ArchiveEntry): Promise<string> {
    if (entry.size > this.#limits.text) this.#refuse('text', entry.name);
    this.count('texts', entry.size);
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.bytes()) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }

  #refuse(what: keyof ScanLimits, entry?: string): never {
    const problems = {
      entries: 'has more entries than any image',
      names: 'has longer names than any image',
      text: 'is larger than any list of packages',
      texts: 'has larger lists of packages than any image',
      tar: 'comes to more bytes than any image, as a bomb does',
    };
    throw failure('archive_invalid', {
      path: this.#called,
      ...(entry !== undefined && { entry }),
      problem: `${problems[what]} (over ${this.#limits[what]})`,
    });
  }
}
