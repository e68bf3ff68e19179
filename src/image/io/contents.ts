/** Placeholder: the branch `bom` has the real one. Files only; no packages, no index in the cache. */
import { type ArchiveEntry, isMark, tarEntries } from '#store';
import type { BaseContents, BaseFile } from '../base-image.ts';
import { formatOf } from '../oci/media-types.ts';

export interface LayerToRead {
  readonly diffId: string;
  readonly mediaType: string;
  readonly open: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

const OS = ['etc/os-release', 'usr/lib/os-release'];

export async function contentsOf(
  layers: readonly LayerToRead[],
  { signal }: { cache: string; signal: AbortSignal },
): Promise<BaseContents> {
  const files = new Map<string, BaseFile>();
  let text = '';
  for (const [layer, { mediaType, open }] of layers.entries()) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of open(signal)) chunks.push(Uint8Array.from(chunk));
    const all = Buffer.concat(chunks);
    const from = async function* (start: number): AsyncGenerator<Uint8Array> {
      if (start < all.length) yield all.subarray(start);
    };
    for await (const entry of tarEntries({ size: all.length, from }, formatOf(mediaType))) {
      const path = entry.name.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
      if (isMark(path)) continue;
      if (OS.includes(path) && entry.kind === 'file') text += await textOf(entry.bytes());
      files.set(path, {
        kind: kindOf(entry.kind),
        size: entry.size,
        layer,
        ...(entry.target !== '' && { target: entry.target }),
      });
    }
  }
  return { files, packages: [], ...systemOf(text) };
}

function systemOf(text: string): Pick<BaseContents, 'system'> {
  const [, id] = /^ID="?(\w+)/m.exec(text) ?? [];
  const [, version = ''] = /^VERSION_ID="?([\w.]+)/m.exec(text) ?? [];
  return id === undefined ? {} : { system: { id, version } };
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of bytes) text += Buffer.from(chunk).toString('utf8');
  return text;
}

function kindOf(kind: ArchiveEntry['kind']): BaseFile['kind'] {
  if (kind === 'folder') return kind;
  return kind === 'symbolic link' ? 'link' : 'file';
}
