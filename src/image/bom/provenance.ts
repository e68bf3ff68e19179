/** How an image came to be: in-toto Statement 1, with SLSA's predicate Provenance 1.0. docs/images.md tells what is in it. */
import type { BuiltImage } from '../built.ts';
import { imageText } from '../image-name.ts';
import type { Package } from '../recipe.ts';
import type { About } from './about.ts';
import { resolvedOf } from './resolved.ts';
import { digestSet } from './resource.ts';
import { titleOf } from './title.ts';

const BUILD_TYPE = 'https://fairlead.dev/image/v1';
const BUILDER = 'https://fairlead.dev/image-build';

/** Nothing of the machine or the time that it was built on or at: the same image has the same. */
export function provenanceOf(image: BuiltImage, about: About): object {
  const { tool } = about;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: titleOf(image), digest: digestSet(image.manifest.digest) }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: askedFor(image, about),
        internalParameters: { tool },
        resolvedDependencies: resolvedOf(image),
      },
      runDetails: { builder: { id: BUILDER, version: { [tool.name]: tool.version } } },
    },
  };
}

/** As names of the base and of Node's image were given, so that resolving them is what a build did. */
function askedFor({ platform, base, node, layers, manifest }: BuiltImage, { epoch }: About): object {
  const { annotations = {} } = manifest;
  const [service, revision] = [annotations['dev.fairlead.service'], annotations['dev.fairlead.revision']];
  const models = layers.filter(({ role }) => role === 'model').flatMap(({ packages }) => packages);
  return {
    platform,
    base: givenName(base.name),
    ...(node && { node: givenName(node) }),
    ...(service !== undefined && { service }),
    ...(revision !== undefined && { revision }),
    models: models.map(modelOf),
    sourceDateEpoch: epoch,
  };
}

function givenName({ registry, repository, tag, digest }: BuiltImage['base']['name']): string {
  const pinned = tag === undefined && digest !== undefined ? { digest } : {};
  return imageText({ registry, repository, ...(tag !== undefined && { tag }), ...pinned });
}

function modelOf({ name, version, sha256 }: Package): object {
  return { name, version, ...(sha256 !== undefined && { digest: `sha256:${sha256}` }) };
}
