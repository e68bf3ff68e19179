/** A claim with a model on it, filled by a pod, on a volume of the node. */
import { randomBytes } from 'node:crypto';
import type { Cluster } from './kubectl.ts';

const SECONDS = 120;
const FILL = `
const { mkdirSync, copyFileSync } = require('node:fs');
mkdirSync('/volume/digits/2', { recursive: true });
copyFileSync('/model/model.onnx', '/volume/digits/2/model.onnx');`;
const EMPTY = "require('node:fs').rmSync('/volume/digits', { recursive: true, force: true })";

/** Its name is told while it is there; the volume is gone afterwards. */
export async function claimed(
  cluster: Cluster,
  image: string,
  model: Buffer,
  doing: (claim: string) => Promise<void>,
): Promise<void> {
  const name = `models-${randomBytes(4).toString('hex')}`;
  const size = '1Gi';
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteMany'],
      storageClassName: name,
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/var/tmp/fairlead-${name}`, type: 'DirectoryOrCreate' },
    },
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: name,
      resources: { requests: { storage: size } },
    },
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    binaryData: { 'model.onnx': model.toString('base64') },
  });
  try {
    await rooted(cluster, `${name}-fill`, { image, claim: name, script: FILL });
    await doing(name);
  } finally {
    await rooted(cluster, `${name}-empty`, { image, claim: name, script: EMPTY });
    await cluster.run(['delete', 'pvc', name, '--wait=false']);
    await cluster.run(['delete', 'pv', name, '--wait=false']);
  }
}

/** Runs a script as root, with the claim before it. */
async function rooted(
  cluster: Cluster,
  name: string,
  { image, claim, script }: { image: string; claim: string; script: string },
): Promise<void> {
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'root',
        image,
        command: ['node', '-e', script],
        securityContext: { runAsUser: 0, runAsGroup: 0 },
        volumeMounts: [
          { name: 'volume', mountPath: '/volume' },
          { name: 'model', mountPath: '/model' },
        ],
      },
    ],
    volumes: [
      { name: 'volume', persistentVolumeClaim: { claimName: claim } },
      { name: 'model', configMap: { name: claim } },
    ],
  };
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
  const done = ['--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, `--timeout=${SECONDS}s`];
  await cluster.run(['wait', ...done]);
}
