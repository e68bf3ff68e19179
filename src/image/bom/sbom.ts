/** Placeholder: the branch `bom` has the real one. */
import type { BuiltImage } from '../built.ts';

export interface About {
  readonly epoch: number;
  readonly tool: { readonly name: string; readonly version: string };
}

export function sbomOf({ manifest }: BuiltImage, _about: About): object {
  return { spdxVersion: 'SPDX-2.3', name: manifest.digest };
}
