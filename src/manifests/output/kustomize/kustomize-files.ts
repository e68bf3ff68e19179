import type { KubeObject } from '../../object.ts';
import { ordered } from '../order.ts';
import { fileNames, type TextFile } from '../text-file.ts';
import { yamlOf } from '../yaml/write.ts';
import { KUSTOMIZATION, type Overlay, production, repositoriesOf, staging } from './overlays.ts';

/**
 * A folder for `kubectl apply -k`: `base` builds to the same objects, and two overlays begin what differs between clusters.
 * `overlays/production` adds no more than a label until somebody edits it.
 */
export function kustomizeFiles(
  objects: readonly KubeObject[],
  { name }: { readonly name: string },
): readonly TextFile[] {
  return [
    ...baseFiles(ordered(objects)),
    ...[staging(objects, name), production(objects)].map(overlay => overlayFile(overlay, objects)),
  ];
}

function baseFiles(objects: readonly KubeObject[]): TextFile[] {
  const names = fileNames(objects);
  const base = { ...KUSTOMIZATION, resources: [...names.values()] };
  return [
    { path: 'base/kustomization.yaml', text: yamlOf(base) },
    ...[...names].map(([object, file]) => ({ path: `base/${file}`, text: yamlOf(object) })),
  ];
}

const IMAGES = `# Another registry is a \`newName\`. Another model is another revision: render it again.\n`;

function overlayFile(overlay: Overlay, objects: readonly KubeObject[]): TextFile {
  const { environment, namespace, replicas, patches } = overlay;
  const told = {
    ...KUSTOMIZATION,
    namespace,
    resources: ['../../base'],
    labels: [{ pairs: { environment } }],
    ...(replicas.length > 0 && { replicas }),
    ...(patches.length > 0 && {
      patches: patches.map(({ target, changes }) => ({ target, patch: JSON.stringify(changes) })),
    }),
  };
  const images = repositoriesOf(objects).map(name => ({ name, newName: name }));
  const where = namespace === undefined ? '' : '# The namespace has to be there.\n';
  const from = images.length === 0 ? '' : `${IMAGES}${yamlOf({ images })}`;
  return {
    path: `overlays/${environment}/kustomization.yaml`,
    text: `${where}${yamlOf(told)}${from}`,
  };
}
