/** Which of a service's objects run pods, and with what containers. */
import type { KubeObject } from '../object.ts';
import { isMembers, type Members, type Path, valueAt } from './walk.ts';

/** Where a Deployment says what its pods are. */
export const POD: Path = ['spec', 'template', 'spec'];

export interface Container {
  readonly path: Path;
  readonly container: Members;
}

export function isDeployment({ kind }: KubeObject): boolean {
  return kind === 'Deployment';
}

/** Of a Deployment, those that run before the others first; of what has no pods, none. */
export function containersOf(object: KubeObject): Container[] {
  return ['initContainers', 'containers'].flatMap(kind => {
    const list = valueAt(object, [...POD, kind]);
    if (!Array.isArray(list)) return [];
    return list.flatMap((container: unknown, at) =>
      isMembers(container) ? [{ path: [...POD, kind, at], container }] : [],
    );
  });
}

/** A reference of an image in its parts; the registry is part of the repository. */
export interface ImageParts {
  readonly repository: string;
  /** Empty where there is none. */
  readonly tag: string;
  readonly digest: string;
}

export function imageParts(reference: string): ImageParts {
  const [named = '', digest = ''] = reference.split('@');
  const colon = named.lastIndexOf(':');
  const isTagged = colon > named.lastIndexOf('/');
  return {
    repository: isTagged ? named.slice(0, colon) : named,
    tag: isTagged ? named.slice(colon + 1) : '',
    digest,
  };
}
