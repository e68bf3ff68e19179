/** One host for all revisions of a service, for meshes whose rules are by host: `traffic.istio.subsets`. */

import { labelsOf, metaOf, revisionLabels, serversOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import { grpcPort } from '../pod/ports.ts';
import type { Release } from '../release.ts';
import { HTTP_PORT } from './ports.ts';

/** The Service that all destinations name. It is no service's door: whoever asks it directly gets a pod of any revision. */
export function subsetHost({ name }: Release): string {
  return `${name}-subsets`;
}

export function subsetObjects(release: Release): KubeObject[] {
  return [hostService(release), ...subsetRules(release)];
}

function hostService(release: Release): KubeObject {
  const grpc = grpcPort(release.arms[0]);
  const http = { name: 'http', port: HTTP_PORT, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' };
  const calls = { name: 'grpc', port: grpc, targetPort: 'grpc', protocol: 'TCP', appProtocol: H2C };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(release, subsetHost(release), labelsOf(release)),
    spec: {
      type: 'ClusterIP',
      selector: serversOf(release),
      ports: grpc === undefined ? [http] : [http, calls],
    },
  };
}

const H2C = 'kubernetes.io/h2c';

/**
 * A DestinationRule for each revision, and not one with them all: it is there before a route names its subset and goes with its
 * revision, after no route does. Istio merges the subsets of rules with the same host; these say nothing else.
 */
function subsetRules(release: Release): KubeObject[] {
  return release.arms.map(arm => {
    const revision = arm.deployed.revision.name;
    return {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: metaOf(release, revision, revisionLabels(release, arm)),
      spec: { host: subsetHost(release), subsets: [{ name: revision, labels: { version: revision } }] },
    };
  });
}
