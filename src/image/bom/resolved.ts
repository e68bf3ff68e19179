import type { BuiltImage, LayerRole } from '../built.ts';
import type { ImageName } from '../image-name.ts';
import { imagePurl, purlOf } from './purl.ts';
import { digestSet, type Resource } from './resource.ts';
import { isSha256 } from './sha256.ts';

/** Layers of what a build found: Node comes out of an image, and the program is who builds. */
const FOUND: readonly LayerRole[] = ['requirements', 'dependencies', 'model'];

/** What went into an image, by digest where it has one: the base, Node's image, then packages and models by their names. */
export function resolvedOf({ base, node, platform, layers }: BuiltImage): readonly Resource[] {
  const found = layers.filter(({ role }) => FOUND.includes(role)).flatMap(({ packages }) => packages);
  const packages = found.flatMap(one => {
    const uri = purlOf(one, base.contents.system);
    return uri === undefined ? [] : [{ uri, ...(isSha256(one.sha256) && { digest: digestSet(one.sha256) }) }];
  });
  return [imageOf(base.name, base.digest, base.platform), ...nodeOf(node, platform), ...sortedOnce(packages)];
}

function nodeOf(node: ImageName | undefined, platform: BuiltImage['platform']): readonly Resource[] {
  return node?.digest === undefined ? [] : [imageOf(node, node.digest, platform)];
}

/** Of an index, the digest that its tag stood for is said too. */
function imageOf(name: ImageName, digest: string, platform: BuiltImage['platform']): Resource {
  const index =
    name.digest === undefined || name.digest === digest ? {} : { annotations: { index: name.digest } };
  return { uri: imagePurl(name, digest, platform), digest: digestSet(digest), ...index };
}

function sortedOnce(resources: readonly Resource[]): readonly Resource[] {
  const byText = new Map(resources.map(one => [JSON.stringify(one), one]));
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
