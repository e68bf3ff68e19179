import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { digestOf, type Manifest } from '../manifest.ts';
import type { Admissible, Signature } from '../store.ts';

export interface Lying {
  readonly manifest: Manifest;
  /** The folder that its paths start at. */
  readonly root: string;
  readonly revision?: string | undefined;
  readonly signatures: () => Promise<readonly Signature[]>;
}

/** What an admission is shown of an artifact that lies here. */
export function admissible({ manifest, root, revision, signatures }: Lying): Admissible {
  return {
    manifest,
    digest: digestOf(manifest),
    revision,
    signatures,
    read: path => createReadStream(join(root, path)),
  };
}
