/** Models of a revision that are not in its image, as far as their URIs tell. */
import { type ModelEntry, type ModelSource, pathOf, servedBy } from '#spec';
import type { PodArm } from '../release.ts';

export interface Away {
  /** `spec.model`, `spec.candidate.models[1]`. */
  readonly path: string;
  readonly source: ModelSource | ModelEntry;
}

export function awayOf({ role, service }: PodArm): Away[] {
  if (service.spec.kubernetes.models === 'image') return [];
  const { model, models = [], repository } = servedBy(service, role);
  const above = pathOf(service, role);
  const all = [
    ...(model === undefined ? [] : [{ path: `${above}.model`, source: model }]),
    ...models.map((source, at) => ({ path: `${above}.models[${at}]`, source })),
    ...(repository === undefined
      ? []
      : [{ path: `${above}.repository`, source: { ...repository, digest: undefined } }]),
  ];
  return all.filter(({ source }) => isAway(source.uri));
}

/** Whether it names another place than a path. */
export function isAway(uri: string): boolean {
  return SCHEME.test(uri) && !/^file:/i.test(uri);
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Whether something is fetched before its server starts. */
export function isPulling({ deployed }: PodArm): boolean {
  return deployed.isPulled || deployed.pulls.length > 0;
}

export function isOnVolume({ service: { spec } }: PodArm, uri: string): boolean {
  return /^pvc:/i.test(uri) || (/^oci:/i.test(uri) && spec.kubernetes.models === 'volume');
}
