/** What Istio's part of a pod needs of the network beside the pod's own. Source: istio.io, ops/deployment/application-requirements. */
import type { Release } from '../release.ts';
import { routerOf } from '../router.ts';

/** As far as the file tells: whether a namespace is of a mesh, no file of a service says. */
export function inMesh(release: Release): boolean {
  const { labels, annotations } = release.arms[0].service.spec.kubernetes;
  return (
    routerOf(release) === 'istio' ||
    [labels, annotations].some(one => one['sidecar.istio.io/inject'] === 'true') ||
    labels['istio.io/dataplane-mode'] === 'ambient'
  );
}

/** Pods of an ambient mesh reach each other at 15008; a sidecar tells its metrics, and with them the pod's, at 15020 and 15090. */
export const HBONE = 15_008;

export const mesh = {
  ingress: [HBONE, 15_020, 15_090],
  /** And a sidecar has its certificate and its routes from 15012 of Istio's own pods. */
  egress: {
    to: [{ namespaceSelector: {} }],
    ports: [HBONE, 15_012].map(port => ({ protocol: 'TCP', port })),
  },
} as const;
