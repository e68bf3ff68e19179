import { err, ok, type Result } from '#base';
import type { Descriptor } from '../registry/manifest.ts';

/** Docker notes where an image came from in manifests beside it, for no platform at all. */
const BESIDE = 'vnd.docker.reference.type';

/** The one of an index that is for this machine: its only one, or that for linux and the processor. Problem: what there is. */
export function chosen(manifests: readonly Descriptor[], architecture: string): Result<Descriptor, string> {
  const real = manifests.filter(
    ({ annotations, platform }) => !(BESIDE in annotations) && platform?.os !== 'unknown',
  );
  const [first, second] = real;
  if (first !== undefined && second === undefined) return ok(first);
  const own = real.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
  if (own !== undefined) return ok(own);
  const platforms = new Set(
    real.map(({ platform }) => (platform ? `${platform.os}/${platform.architecture}` : 'no platform')),
  );
  return err(
    real.length === 0
      ? 'the index there holds nothing'
      : `the index there holds ${real.length} for ${[...platforms].join(', ')}, and none for linux/${architecture}; name one by its digest`,
  );
}

/** A processor as images name it, by how Node does. */
export function architectureOf(arch: string): string {
  return NAMES.get(arch) ?? arch;
}

const NAMES = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
]);
