/** Placeholder: the branch `bom` has the real one. */
import type { BuiltImage } from '../built.ts';
import type { About } from './sbom.ts';

export function provenanceOf({ manifest }: BuiltImage, _about: About): object {
  return { _type: 'https://in-toto.io/Statement/v1', subject: [{ digest: manifest.digest }] };
}
