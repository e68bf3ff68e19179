import { metaOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { Release } from '../release.ts';

/** The identity of a service's pods; none is made where the file names one that is there. No pod of ours asks the API server. */
export function accountOf(release: Release): KubeObject[] {
  const { name, annotations } = release.arms[0].service.spec.kubernetes.serviceAccount ?? {};
  if (name !== undefined) return [];
  const metadata = metaOf(release, release.name);
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: annotations === undefined ? metadata : { ...metadata, annotations },
      automountServiceAccountToken: false,
    },
  ];
}
