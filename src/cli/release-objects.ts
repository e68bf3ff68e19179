/** The objects of a release, or what of its file a cluster has no way to honour. */
import { failure } from '#base';
import { type KubeObject, leftNotes, objectsOf } from '#manifests';
import { type Released, type ReleaseFlags, type ReleasePorts, releaseFrom } from './release.ts';

export interface Rendered extends Released {
  readonly objects: readonly KubeObject[];
}

/** Throws what `releaseFrom` throws, and `spec_invalid`. */
export async function renderedFrom(
  path: string,
  flags: ReleaseFlags,
  ports: ReleasePorts,
): Promise<Rendered> {
  const { release, notes } = await releaseFrom(path, flags, ports);
  const objects = objectsOf(release);
  if (!objects.ok)
    throw failure('spec_invalid', {
      file: path,
      issues: objects.error.map(({ path: field, problem }) => `${field} ${problem}`),
    });
  return { release, notes: [...notes, ...leftNotes(release)], objects: objects.value };
}
