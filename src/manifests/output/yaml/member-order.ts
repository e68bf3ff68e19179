/** In which order members are written: as people write them, and the same whatever order they were put in. */

/** Members of the kinds that we write, from first to last. All others come after them, by the alphabet. */
const ORDER = `
apiVersion kind metadata group resource
name generateName namespace sectionName labels annotations
alert record expr for
immutable type clusterIP
serviceAccountName automountServiceAccountToken imagePullSecrets enableServiceLinks priorityClassName runtimeClassName
nodeSelector tolerations affinity topologySpreadConstraints terminationGracePeriodSeconds resourceClaims
scaleTargetRef minReplicas maxReplicas minReplicaCount maxReplicaCount pollingInterval cooldownPeriod fallback metrics triggers
replicas minReadySeconds progressDeadlineSeconds revisionHistoryLimit strategy
podSelector policyTypes
minAvailable maxSurge maxUnavailable unhealthyPodEvictionPolicy
maxSkew topologyKey whenUnsatisfiable labelSelector
selector matchLabels matchExpressions template
repository tag digest image imagePullPolicy command args workingDir env envFrom
host path port containerPort targetPort protocol appProtocol from to ports
resources requests limits claims
startupProbe readinessProbe livenessProbe lifecycle terminationMessagePolicy
httpGet exec tcpSocket grpc scheme initialDelaySeconds periodSeconds timeoutSeconds successThreshold failureThreshold
securityContext mountPath subPath readOnly volumeMounts
initContainers containers volumes
parentRefs hostnames hosts gateways subset subsets match matches method headers route filters backendRefs
destination mirror mirrorPercentage weight
key operator value valueFrom effect
namespaceSelector ingress egress
spec data binaryData stringData
`;

const rank = new Map(
  ORDER.trim()
    .split(/\s+/)
    .map((name, at) => [name, at]),
);

/** Maps whose keys are data, not members: nothing in them comes first. */
const DATA = new Set(
  'labels annotations matchLabels nodeSelector data binaryData stringData limits requests parameters'.split(
    ' ',
  ),
);

/** Those that are defined, in their order. `under` is the member that the map is the value of. */
export function membersInOrder(map: object, under: string | undefined): [string, unknown][] {
  const members = Object.entries(map).filter(([, value]) => value !== undefined);
  const isData = under !== undefined && DATA.has(under);
  return members.toSorted(([a], [b]) => (isData ? 0 : rankOf(a) - rankOf(b)) || byAlphabet(a, b));
}

function rankOf(name: string): number {
  return rank.get(name) ?? rank.size;
}

/** By code units: a locale would make it another order on another machine. */
export function byAlphabet(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
