/** Objects of the run: a Deployment that pulls its model before it serves it, with a cache that the node's pods share. */

export interface Served {
  readonly app: string;
  readonly image: string;
  readonly uri: string;
  readonly digest: string;
  /** A folder of the node. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string>>;
}

const CACHE = '/var/cache/fairlead';

/** What a namespace with the restricted profile lets in. */
const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** `hostPath` is what the restricted profile does not let in: whoever shares a cache on a node decides that for the namespace. */
export function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function deployment({ app, image, uri, digest, cache, env }: Served, replicas: number): object {
  const labels = { app };
  const container = {
    image,
    env: Object.entries({ ...env, FAIRLEAD_CACHE: CACHE }).map(([name, value]) => ({ name, value })),
    securityContext: restricted,
    volumeMounts: [
      { name: 'cache', mountPath: CACHE },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
  const served = { name: 'FAIRLEAD_MODELS', value: JSON.stringify([{ name: 'digits', uri, digest }]) };
  const pull = { ...container, name: 'pull', args: ['store', 'pull', uri, '--digest', digest] };
  const serve = {
    ...container,
    name: 'serve',
    env: [...container.env, served],
    args: ['serve', '--host', '0.0.0.0', '--port', '8501'],
    ports: [{ containerPort: 8501 }],
    readinessProbe: { httpGet: { path: '/health', port: 8501 }, periodSeconds: 1 },
  };
  const pod = {
    initContainers: [pull],
    containers: [serve],
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 5,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [
      { name: 'cache', hostPath: { path: cache, type: 'Directory' } },
      { name: 'tmp', emptyDir: {} },
    ],
  };
  const spec = { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: app }, spec };
}

/**
 * A pod that makes the folder on the node, or removes it: whoever runs a cluster does so once for all nodes, since kubelet
 * makes a `hostPath` as root, and no `fsGroup` changes that.
 */
export function folderPod(name: string, image: string, folder: string, script: string): object {
  const container = {
    name: 'folder',
    image,
    command: ['node', '-e', script, `/node${folder}`],
    securityContext: { runAsUser: 0, runAsGroup: 0 },
    volumeMounts: [{ name: 'parent', mountPath: '/node/var/tmp' }],
  };
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [container],
    volumes: [{ name: 'parent', hostPath: { path: '/var/tmp', type: 'Directory' } }],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

export const MAKE = 'fs.mkdirSync(process.argv[1]); fs.chownSync(process.argv[1], 1000, 1000)';
export const REMOVE = 'fs.rmSync(process.argv[1], { recursive: true, force: true })';
