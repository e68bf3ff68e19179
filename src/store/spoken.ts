import { percentDecoded, unreachable } from '#base';
import type { Reference } from './uri/reference.ts';

interface Told {
  readonly uri: string;
  readonly named: string | undefined;
  /** The version folder that is the artifact. */
  readonly within: string | undefined;
}

/** A path that tells the name and version of what a URI led to, as `identityFromPath` reads them. */
export function spokenOf(reference: Reference, { uri, named, within }: Told): string {
  const path = pathOf(reference, uri).replace(ARCHIVE, '');
  // In an archive the versions may lie in a folder that is the root.
  const version = named === undefined ? within : within?.slice(named.length + 1);
  return version === undefined || version === '' ? path : `${path}/${version}`;
}

/** Endings of archives: `digits.tar.gz` is digits. */
const ARCHIVE = /\.(?:tar|tar\.gz|tgz|tar\.zst|tzst|zip)$/i;

function pathOf(reference: Reference, uri: string): string {
  switch (reference.scheme) {
    case 'file':
      return reference.path;
    case 'pvc':
      return joined(reference.claim, reference.path);
    case 's3':
    case 'gs':
      return joined(reference.bucket, reference.key);
    case 'az':
      return joined(reference.container, reference.key);
    case 'oci':
      return reference.repository;
    case 'hf':
      return joined(reference.repo, reference.path);
    case 'https':
      return webPath(uri);
    default:
      return unreachable(reference);
  }
}

function joined(top: string, below: string): string {
  return below === '' ? top : `${top}/${below}`;
}

/** Signatures and versions of a URL lie in its query, which says nothing of the name. */
function webPath(uri: string): string {
  const path = /^https?:\/\/[^/?#]*([^?#]*)/i.exec(uri)?.[1] ?? uri;
  // A stray % is as good a letter of a name as any.
  return percentDecoded(path) ?? path;
}
