/** Packages as SPDX describes them: SPDX 2.3, clause 7. */
import { createHash } from 'node:crypto';
import type { BaseContents } from '../base-image.ts';
import { spdxLicence } from '../contents/licence.ts';
import type { Package } from '../recipe.ts';
import { actorOf } from './actor.ts';
import { purlOf } from './purl.ts';
import { isSha256 } from './sha256.ts';

/** What SPDX writes where nobody says. */
const UNSAID = 'NOASSERTION';

export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

interface Described {
  /** What it is, before its name in its identifier. */
  readonly kind: string;
  readonly name: string;
  readonly version?: string;
  readonly licence?: string | undefined;
  readonly sha256?: string | undefined;
  readonly supplier?: string | undefined;
  readonly purpose?: 'CONTAINER' | 'OPERATING-SYSTEM' | 'LIBRARY' | 'OTHER';
  readonly purl?: string | undefined;
  readonly cpe?: string | undefined;
}

/** `system` is that of the image it lies in. */
export function packageOf(of: Package, system: BaseContents['system']): SpdxPackage {
  const { kind, name, version, licence, sha256, supplier } = of;
  return described({
    kind,
    name,
    version,
    licence,
    sha256,
    supplier,
    ...(kind === 'model' && { purpose: 'OTHER' }),
    purl: purlOf(of, system),
    cpe: kind === 'generic' ? cpeOf(name, version) : undefined,
  });
}

/** The system of a base, which scanners judge its packages by. */
export function systemPackage({ id, version }: NonNullable<BaseContents['system']>): SpdxPackage {
  return described({ kind: 'system', name: id, version, purpose: 'OPERATING-SYSTEM' });
}

export function imagePackage(
  kind: 'image' | 'base',
  name: string,
  digest: string,
  purl: string,
): SpdxPackage {
  const sha256 = digest.replace('sha256:', '');
  return described({ kind, name, version: digest, sha256, purl, purpose: 'CONTAINER' });
}

/** What no package manager installed is known to scanners by its name in the National Vulnerability Database alone. */
const PRODUCTS: Readonly<Record<string, string>> = { node: 'nodejs:node.js', python: 'python:python' };

function cpeOf(name: string, version: string): string | undefined {
  const product = Object.hasOwn(PRODUCTS, name) ? PRODUCTS[name] : undefined;
  const isPlain = /^\d+(?:\.\d+)*$/.test(version);
  return product !== undefined && isPlain ? `cpe:2.3:a:${product}:${version}:*:*:*:*:*:*:*` : undefined;
}

/** Its identifier is made of all that is said of it: no two differ in nothing else, and none depends on the others. */
function described({
  kind,
  name,
  version = '',
  licence,
  sha256,
  supplier,
  purpose,
  purl,
  cpe,
}: Described): SpdxPackage {
  const actor = actorOf(supplier) ?? UNSAID;
  const said = {
    name: name.toWellFormed(),
    ...(version !== '' && { versionInfo: version.toWellFormed() }),
    supplier: actor,
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    ...(isSha256(sha256) && { checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] }),
    licenseConcluded: UNSAID,
    licenseDeclared: spdxLicence(licence) ?? UNSAID,
    copyrightText: UNSAID,
    ...(purpose && { primaryPackagePurpose: purpose }),
    ...referencesOf({ purl, cpe }),
  };
  const hash = createHash('sha256')
    .update(`${kind}\n${JSON.stringify(said)}`)
    .digest('hex')
    .slice(0, 16);
  const readable = said.name.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 60);
  return { SPDXID: `SPDXRef-${kind}-${readable}-${hash}`, ...said };
}

function referencesOf({ purl, cpe }: Pick<Described, 'purl' | 'cpe'>): object {
  const references = [
    ['PACKAGE-MANAGER', 'purl', purl],
    ['SECURITY', 'cpe23Type', cpe],
  ].flatMap(([referenceCategory, referenceType, referenceLocator]) =>
    referenceLocator === undefined ? [] : [{ referenceCategory, referenceType, referenceLocator }],
  );
  return references.length === 0 ? {} : { externalRefs: references };
}
