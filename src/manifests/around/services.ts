/** Services: one that stays the same for each revision, and the service's own, whose selector follows the stable one. */
import { type Labels, labelsOf, metaOf, podsName, revisionLabels, selectorOf, serversOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import { grpcPort, portsOf } from '../pod/ports.ts';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';
import { gatewayPorts, gatewaysOf } from './gateways.ts';

export function servicesOf(release: Release): KubeObject[] {
  const revisions = release.arms.map(arm => revisionService(release, arm));
  const pods = routerOf(release) === 'builtin' ? release.arms.map(arm => podsService(release, arm)) : [];
  return [...revisions, ...pods, stableService(release)];
}

/** Nothing of its selector ever changes, so that a route to it never means other pods than it did. */
function revisionService(release: Release, arm: PodArm): KubeObject {
  const { name } = arm.deployed.revision;
  const spec = { selector: selectorOf(release, arm), ports: servicePorts(arm) };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(release, name, revisionLabels(release, arm)),
    spec,
  };
}

/** For the gateway, which chooses among the pods itself: its name has the addresses of those that are ready. */
function podsService(release: Release, arm: PodArm): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(release, podsName(arm), revisionLabels(release, arm)),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: false,
      selector: selectorOf(release, arm),
      ports: podPorts(arm),
    },
  };
}

/** What clients in the cluster ask. Its ports are those of the stable revision, whatever stands before that. */
function stableService(release: Release): KubeObject {
  const [stable] = release.arms;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(release, release.name, labelsOf(release)),
    spec: { selector: answering(release), ports: servicePorts(stable, frontOf(release)) },
  };
}

/** The pods that answer for the service as a whole. */
function answering(release: Release): Labels {
  const router = routerOf(release);
  if (router === 'builtin') return gatewaysOf(release);
  return router === 'replicas' ? serversOf(release) : selectorOf(release, release.arms[0]);
}

const usual = { http: 80, https: 443 } as const;

type Front = 'http' | 'https';

/** How they are spoken to. */
function frontOf(release: Release): Front {
  const [stable] = release.arms;
  if (routerOf(release) !== 'builtin') return ownFront(stable);
  return gatewayPorts(release)[0].name === 'https' ? 'https' : 'http';
}

/** By the names of ports, so that pods with other numbers answer too. */
function servicePorts(arm: PodArm, front: Front = ownFront(arm)) {
  return portsAt(arm, front, usual[front]);
}

function ownFront(arm: PodArm): Front {
  return portsOf(arm)[0].name === 'https' ? 'https' : 'http';
}

/** Of a headless one, by which pods are asked directly: the numbers are theirs. */
function podPorts(arm: PodArm) {
  return portsAt(arm, ownFront(arm), portsOf(arm)[0].containerPort);
}

function portsAt(arm: PodArm, door: Front, http: number) {
  const grpc = grpcPort(arm);
  const first = { name: door, port: http, targetPort: door, protocol: 'TCP', appProtocol: door };
  if (grpc === undefined) return [first];
  // What is encrypted is no clear text of HTTP/2 to whoever looks at it on the way.
  const appProtocol = door === 'https' ? 'https' : 'kubernetes.io/h2c';
  return [first, { name: 'grpc', port: grpc, targetPort: 'grpc', protocol: 'TCP', appProtocol }];
}
