/** A pod of an image with its model in it, as a namespace with the restricted profile lets it in. */

export interface Baked {
  readonly name: string;
  readonly image: string;
  /** Folders that it may write into, in memory; none where it needs none. */
  readonly writable: readonly string[];
}

export function restrictedNamespace(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** No command, no arguments and no variables: the image says all of it. */
export function bakedPod({ name, image, writable }: Baked): object {
  const volumes = writable.map((_, at) => ({ name: `writable-${at}`, emptyDir: { medium: 'Memory' } }));
  const container = {
    name: 'serve',
    image,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ports: [{ containerPort: 8501 }],
    readinessProbe: { httpGet: { path: '/health', port: 8501 }, periodSeconds: 1 },
    livenessProbe: { httpGet: { path: '/health/live', port: 8501 } },
    startupProbe: { httpGet: { path: '/health', port: 8501 }, periodSeconds: 1, failureThreshold: 60 },
    volumeMounts: writable.map((mountPath, at) => ({ name: `writable-${at}`, mountPath })),
  };
  const spec = {
    containers: [container],
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    volumes,
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec };
}
