/** The bill of materials of an image: SPDX 2.3, as JSON. */
import type { BuiltImage } from '../built.ts';
import { runtimesOf } from '../contents/runtimes.ts';
import { imageText } from '../image-name.ts';
import { dateOf } from '../oci/annotations.ts';
import type { About } from './about.ts';
import { imagePurl } from './purl.ts';
import { imagePackage, packageOf, type SpdxPackage, systemPackage } from './spdx-package.ts';
import { titleOf } from './title.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';

/**
 * Every package of the base and of the layers over it, each once, in an order of their own. What is said of the same image is the
 * same bytes, however its packages were found.
 */
export function sbomOf(image: BuiltImage, { epoch, tool }: About): object {
  const { root, base, inBase, inLayers } = partsOf(image);
  const within = sortedOnce([base, ...inBase, ...inLayers]);
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: root.name,
    documentNamespace: namespaceOf(image, tool),
    creationInfo: { created: dateOf(epoch), creators: [`Tool: ${tool.name}-${tool.version}`] },
    packages: [root, ...within],
    relationships: [
      related(DOCUMENT, 'DESCRIBES', root),
      related(root.SPDXID, 'DESCENDANT_OF', base),
      ...within.map(one => related(root.SPDXID, 'CONTAINS', one)),
      ...sortedOnce(inBase).map(one => related(base.SPDXID, 'CONTAINS', one)),
    ],
  };
}

interface Parts {
  readonly root: SpdxPackage;
  readonly base: SpdxPackage;
  readonly inBase: readonly SpdxPackage[];
  readonly inLayers: readonly SpdxPackage[];
}

function partsOf(image: BuiltImage): Parts {
  const { platform, base, layers, manifest } = image;
  const { system, packages } = base.contents;
  const title = titleOf(image);
  const found = [...packages, ...runtimesOf(base)].map(one => packageOf(one, system));
  return {
    root: imagePackage('image', title, manifest.digest, imagePurl(title, manifest.digest, platform)),
    base: imagePackage('base', nameOf(base.name), base.digest, imagePurl(base.name, base.digest, platform)),
    inBase: [...found, ...(system === undefined ? [] : [systemPackage(system)])],
    inLayers: layers.flatMap(layer => layer.packages).map(one => packageOf(one, system)),
  };
}

/** Without tag and digest. */
function nameOf({ registry, repository }: BuiltImage['base']['name']): string {
  return imageText({ registry, repository });
}

/** Of one identifier all is the same. */
function sortedOnce(packages: readonly SpdxPackage[]): readonly SpdxPackage[] {
  const byId = new Map(packages.map(one => [one.SPDXID, one]));
  return [...byId.values()].toSorted((a, b) => (a.SPDXID < b.SPDXID ? -1 : 1));
}

/** What another release says of the same image is another document. */
function namespaceOf({ manifest }: BuiltImage, { name, version }: About['tool']): string {
  const [by, digest] = [`${name}-${version}`, manifest.digest].map(one =>
    encodeURIComponent(one.toWellFormed()),
  );
  return `https://fairlead.dev/spdx/${by}/${digest?.replace('%3A', '-')}`;
}

function related(from: string, relationshipType: string, { SPDXID }: SpdxPackage): object {
  return { spdxElementId: from, relationshipType, relatedSpdxElement: SPDXID };
}
