/** Models of a revision that are not in its image, as far as their URIs tell. */
import type { ModelEntry, ModelSource } from '#spec';
import type { PodArm } from '../release.ts';

export interface Away {
  /** `spec.model`, `spec.candidate.models[1]`. */
  readonly path: string;
  readonly source: ModelSource | ModelEntry;
}

export function awayOf({ role, service: { spec } }: PodArm): Away[] {
  const isOther = role === 'candidate' && spec.candidate !== undefined;
  const [served, above] = isOther ? [spec.candidate, 'spec.candidate'] : [spec, 'spec'];
  if (spec.kubernetes.models === 'image') return [];
  const { model, models = [], repository } = served ?? {};
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

export function isOnVolume({ service: { spec } }: PodArm, uri: string): boolean {
  return /^pvc:/i.test(uri) || (/^oci:/i.test(uri) && spec.kubernetes.models === 'volume');
}
