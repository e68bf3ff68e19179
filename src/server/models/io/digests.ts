import { basename, dirname } from 'node:path';
import { failure } from '#base';
import { isVersionNumber } from '#spec';
import { type Known, type Resolved, resolveModel } from '#store';
import { FileStamp } from '../../runtimes/io/file-stamp.ts';
import type { PythonModel } from '../../runtimes/python/python-model.ts';

/** What was read of a model, by whoever found it or here. */
export interface ReadModel {
  /** `sha256:` and 64 hex digits, as `resolveModel` gives it. */
  readonly digest: string;
  /** Its files as they were before they were read. */
  readonly stamp: FileStamp;
  /** Somebody has said which digest it must have: it is not loaded once its files are others. */
  readonly isPinned: boolean;
}

/** What is read. */
export interface Readable {
  readonly path: string;
  readonly python?: PythonModel;
  readonly read?: ReadModel;
}

/** So many models are remembered; the one that was read longest ago is forgotten first. */
const MOST_REMEMBERED = 4096;

/** The digests of what is loaded. Files that are as they were are not read once more. */
export class Digests {
  readonly #known = new Map<string, ReadModel>();

  /** Before a model is loaded. Undefined for what cannot be read: why, its runtime says. Throws `model_changed`. */
  async before(model: Readable): Promise<ReadModel | undefined> {
    const known = model.read ?? this.#known.get(model.path);
    const changed = known?.stamp.changed();
    if (known !== undefined && changed === undefined) return known;
    if (known?.isPinned) throw failure('model_changed', { path: changed ?? model.path });
    return this.#read(model);
  }

  /** Once it is loaded: the same, unless its files were replaced meanwhile. Throws `model_changed` for one that is pinned. */
  async after(model: Readable, before: ReadModel | undefined): Promise<ReadModel | undefined> {
    const changed = before?.stamp.changed();
    if (changed === undefined) return before;
    if (before?.isPinned) throw failure('model_changed', { path: changed });
    return this.#read(model);
  }

  async #read(model: Readable): Promise<ReadModel | undefined> {
    const read = await readModel(model).catch(() => undefined);
    this.#known.delete(model.path);
    if (read !== undefined) this.#known.set(model.path, read);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > MOST_REMEMBERED) this.#known.delete(oldest);
    return read;
  }
}

/** Reads a model through, but for files of which all is `known`. Throws as `resolveModel` does. */
export async function readModel(
  { path, python }: Pick<Readable, 'path' | 'python'>,
  known?: Known,
): Promise<ReadModel> {
  const isWhole = python?.folder === path;
  const withCode = python !== undefined && (python.class !== undefined || python.allowUnsafeFormats);
  let stamp = new FileStamp([]);
  const seeing = (files: readonly string[]): void => void (stamp = new FileStamp(files));
  const read = async (uri: string): Promise<Resolved> =>
    resolveModel(uri, '/', { isWhole, withCode, seeing, ...(known && { known }) });
  // A numbered version is all of its folder, as where that is named; any other file that alone, with its weights.
  const folder = dirname(path);
  const isVersion = !isWhole && isVersionNumber(basename(folder));
  const found = isVersion ? await read(folder).catch(() => undefined) : undefined;
  const { digest } = found?.path === path ? found : await read(path);
  return { digest, stamp, isPinned: false };
}
