/** Names of packages for scanners: package URL specification, and "Package URL Type Definitions" for what each kind has. */
import type { BaseContents } from '../base-image.ts';
import type { ImageName } from '../image-name.ts';
import { architectureOf, type Platform } from '../platform.ts';
import type { Package } from '../recipe.ts';
import { isSha256 } from './sha256.ts';

type Qualifiers = Readonly<Record<string, string | undefined>>;

/** Undefined for a package without a name. `system` is that of the image it lies in. */
export function purlOf(of: Package, system: BaseContents['system']): string | undefined {
  const { kind, name, version, sha256 } = of;
  if (!isName(name)) return undefined;
  switch (kind) {
    case 'deb':
      return systemPurl('deb', of, system ?? { id: 'debian', version: '' });
    case 'apk':
      return systemPurl('apk', of, system ?? { id: 'alpine', version: '' });
    case 'npm':
      return purl(['npm', ...name.toLowerCase().split('/')], version);
    case 'pypi':
      return purl(['pypi', name.toLowerCase().replaceAll('_', '-')], version);
    default:
      return purl(['generic', name], version, {
        checksum: isSha256(sha256) ? `sha256:${sha256}` : undefined,
      });
  }
}

/** `upstream` is what scanners look for the flaws of a source by; no specification has it, and all of them write it so. */
function systemPurl(
  type: 'deb' | 'apk',
  { name, version, architecture, source }: Package,
  system: { readonly id: string; readonly version: string },
): string {
  return purl([type, system.id.toLowerCase(), name.toLowerCase()], version, {
    arch: architecture,
    distro: [system.id, system.version].filter(one => one !== '').join('-'),
    upstream: source && (source.version === version ? source.name : `${source.name}@${source.version}`),
  });
}

/** An image by its digest, for one platform, and where it can be had if that is known. */
export function imagePurl(
  name: string | Pick<ImageName, 'registry' | 'repository' | 'tag'>,
  digest: string,
  platform: Platform,
): string {
  const of = typeof name === 'string' ? { repository: name } : name;
  const last = of.repository.slice(of.repository.lastIndexOf('/') + 1).toLowerCase();
  return purl(['oci', isName(last) ? last : 'image'], digest, {
    arch: architectureOf(platform),
    repository_url: 'registry' in of ? `${of.registry}/${of.repository}` : undefined,
    tag: 'tag' in of ? of.tag : undefined,
  });
}

/** Of a text with no letter or digit, readers may strip all. */
function isName(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

function purl(path: readonly string[], version: string, qualifiers: Qualifiers = {}): string {
  const names = path.filter(one => one !== '').map(escaped);
  const said = Object.entries(qualifiers)
    .filter((one): one is [string, string] => one[1] !== undefined && one[1] !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${escaped(value).replaceAll('%2F', '/')}`);
  const at = version === '' ? '' : `@${escaped(version)}`;
  return `pkg:${names.join('/')}${at}${said.length === 0 ? '' : `?${said.join('&')}`}`;
}

/** "Character encoding": a colon stands as it is, and what `encodeURIComponent` leaves beside `.-_~` does not. */
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
