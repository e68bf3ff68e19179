/** Who may connect to the pods of a service, and where they may connect to: NetworkPolicies, networking.k8s.io/v1. */
import { isGuarded } from '../door.ts';
import { type Component, gatewayName, type Labels, labelsOf, metaOf, serversOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import { portsOf } from '../pod/ports.ts';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';
import { closedNumbers } from './closed.ts';
import { asksMachine, gatewayAsks, serverPorts } from './egress.ts';
import { gatewayNumbers, gatewaysOf } from './gateways.ts';
import { HBONE, inMesh, mesh } from './mesh.ts';

export function networkOf(release: Release): KubeObject[] {
  const policies = [ofServers(release)];
  return routerOf(release) === 'builtin' ? [...policies, ofGateway(release)] : policies;
}

/** One for all revisions: what a policy selects it closes, so that a revision without one of its own would be open. */
function ofServers(release: Release): KubeObject {
  const { arms } = release;
  const gateways =
    routerOf(release) === 'builtin' ? [{ podSelector: { matchLabels: gatewaysOf(release) } }] : [];
  const ports = merged(arms.map(arm => serverPorts(arm)));
  return policy(release, 'server', {
    ingress: ingressOf(release, gateways),
    egress: [
      ...(ports.length > 0 ? [{ ports: ports.map(tcp) }] : []),
      ...(arms.some(arm => asksMachine(arm)) ? [machine] : []),
    ],
  });
}

/**
 * A port that a revision has for metrics may be one that another predicts at; and through the one of an ambient mesh all of them are
 * reached.
 */
function ingressOf(release: Release, gateways: readonly object[]): object[] {
  const all = withMesh(release, serverNumbers(release));
  const closed = isGuarded(release) ? merged([closedNumbers(release), all.filter(one => one === HBONE)]) : [];
  const open = all.filter(number => !closed.includes(number));
  return [
    ...(closed.length > 0 ? [{ from: gateways, ports: closed.map(tcp) }] : []),
    ...(open.length > 0 ? [ingressTo(release, open, gateways)] : []),
  ];
}

function withMesh(release: Release, numbers: readonly number[]): number[] {
  return inMesh(release) ? [...numbers, ...mesh.ingress] : [...numbers];
}

function ofGateway(release: Release): KubeObject {
  const ports = gatewayAsks(release);
  return policy(release, 'gateway', {
    ingress: [ingressTo(release, withMesh(release, gatewayNumbers(release)), [])],
    egress: [
      { to: [{ podSelector: { matchLabels: serversOf(release) } }], ports: serverNumbers(release).map(tcp) },
      ...(ports.length > 0 ? [{ ports: ports.map(tcp) }] : []),
    ],
  });
}

interface Rules {
  readonly ingress: readonly object[];
  readonly egress: readonly object[];
}

function policy(release: Release, component: Component, { ingress, egress }: Rules): KubeObject {
  const [stable] = release.arms;
  const selected: Labels = component === 'gateway' ? gatewaysOf(release) : serversOf(release);
  const name = component === 'gateway' ? gatewayName(release) : release.name;
  const meshed = inMesh(release) ? [mesh.egress] : [];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metaOf(release, name, labelsOf(release, component)),
    spec: {
      podSelector: { matchLabels: selected },
      policyTypes: ['Ingress', 'Egress'],
      ingress,
      egress: [names, ...egress, ...meshed, ...chosen(stable)],
    },
  };
}

/**
 * Where the file names nobody, there is no `from`, and not every namespace's pods: load balancers and gateways of the node's own
 * network come from addresses that are no pod's.
 */
function ingressTo(release: Release, numbers: readonly number[], gateways: readonly object[]) {
  const { from } = release.arms[0].service.spec.kubernetes.network;
  const ports = numbers.map(tcp);
  if (from === undefined) return { ports };
  const namespaces = from.map(matchLabels => ({ namespaceSelector: { matchLabels } }));
  return { from: [...namespaces, ...gateways], ports };
}

function serverNumbers({ arms }: Release): number[] {
  return merged(arms.map(arm => portsOf(arm).map(({ containerPort }) => containerPort)));
}

function merged(lists: readonly (readonly number[])[]): number[] {
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}

function tcp(port: number) {
  return { protocol: 'TCP', port };
}

/** To anywhere: where a node answers for DNS itself, no pod does. */
const names = { ports: ['UDP', 'TCP'].map(protocol => ({ protocol, port: 53 })) };

/**
 * What gives a pod its identity at a cloud, where no variable does: the machine's metadata, or what stands for it. GKE's node
 * answers at 988, the others at 80.
 */
const machine = { to: [{ ipBlock: { cidr: '169.254.0.0/16' } }], ports: [80, 988].map(tcp) };

function chosen({ service }: PodArm): object[] {
  return service.spec.kubernetes.network.to.map(({ cidr, port }) => ({
    to: [{ ipBlock: { cidr } }],
    ...(port !== undefined && { ports: [tcp(port)] }),
  }));
}
