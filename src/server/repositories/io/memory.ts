import { basename, dirname } from 'node:path';
import type { Result } from '#base';
import { type Resolved, resolveModel } from '#store';
import type { OnnxHeader } from '../../runtimes/onnx/header.ts';
import { identityOf, identityWithin, textOf } from './folder.ts';
import { headerOf } from './header.ts';
import { Remembered } from './remembered.ts';

/** What scans of a repository have in common, so that each one reads only what has changed. */
export class Memory {
  readonly #digests = new Remembered<Resolved>();
  readonly #texts = new Remembered<string>();
  readonly #headers = new Remembered<Result<OnnxHeader, string>>();

  /** A model file by its digest. Throws what `resolveModel` throws. */
  async resolve(path: string): Promise<{ readonly identity: string; readonly resolved: Resolved }> {
    const name = basename(path);
    // Those that the digest covers.
    const identity = await identityOf(dirname(path), [name, `${name}.data`, `${name}_data`]);
    return { identity, resolved: await this.#digests.of(path, identity, () => resolveModel(path, '/')) };
  }

  /** A folder that is a model. Throws what `resolveModel` throws. */
  async resolveWhole(path: string): Promise<{ readonly identity: string; readonly resolved: Resolved }> {
    const identity = await identityWithin(path);
    const resolve = (): Promise<Resolved> => resolveModel(path, '/', { isWhole: true });
    return { identity, resolved: await this.#digests.of(path, identity, resolve) };
  }

  /** Throws as `textOf` does. */
  async text(path: string): Promise<string> {
    const identity = await identityOf(dirname(path), [basename(path)]);
    return this.#texts.of(path, identity, () => textOf(path));
  }

  header(path: string, identity: string): Promise<Result<OnnxHeader, string>> {
    return this.#headers.of(path, identity, () => headerOf(path));
  }

  /** Forgets what is not there any more, after a scan of all. */
  sweep(): void {
    for (const one of [this.#digests, this.#texts, this.#headers]) one.sweep();
  }
}
