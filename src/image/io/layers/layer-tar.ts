import { failure } from '#base';
import type { FileEntry, LayerEntry } from '../../layer-entry.ts';
import type { LayerFiles } from '../../recipe.ts';
import { planTar, type Segment, sizeOf, type TarItem } from '../../tar/plan.ts';
import { fileBytes, fileSize } from '../file-bytes.ts';
import { readSegments } from '../segments.ts';
import { once } from '../writing.ts';

/** A layer as a tar file, which is put together as it is read. */
export interface LayerTar {
  readonly size: number;
  /** Bytes of its files by path. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Its bytes from a place on. Throws where a file of it is not what it was. */
  readonly open: (start: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/**
 * The files of a layer, looked at but not read. Throws `image_invalid` for paths that cannot be in one layer, `file_missing` and
 * `file_unreadable`.
 */
export function layerTar({ title, entries }: LayerFiles, epoch: number): LayerTar {
  const items = entries.map(itemOf);
  const plan = planTar(items, epoch);
  if (!plan.ok) {
    const { path, problem } = plan.error;
    throw failure('image_invalid', { subject: title, problem: `'${path}' ${problem}` });
  }
  return {
    size: sizeOf(plan.value),
    sizes: new Map(items.flatMap(item => (item.kind === 'file' ? [[item.path, item.size]] : []))),
    open: (start, signal) => opened(plan.value, start, signal),
  };
}

function itemOf(entry: LayerEntry): TarItem<FileEntry['from']> {
  if (entry.kind !== 'file') return entry;
  const { from, path, isProgram } = entry;
  const size = typeof from === 'string' ? fileSize(from) : from.length;
  return { kind: 'file', path, isProgram, size, body: from };
}

function opened(
  segments: readonly Segment<FileEntry['from']>[],
  start: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return readSegments(segments, start, (from, size, at) =>
    typeof from === 'string' ? fileBytes(from, size, at, signal) : once(from.subarray(at)),
  );
}
