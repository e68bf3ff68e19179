/** A pod that only asks for a GPU, as a service's pods do, in a namespace with the restricted profile. */
import { releaseOf } from '../../src/manifests/fixtures/release.ts';
import { claimsOf } from '../../src/manifests/gpu/claim.ts';
import { gpuContainer, gpuPod } from '../../src/manifests/gpu/pod.ts';

export interface Asking {
  readonly name: string;
  readonly image: string;
  /** `spec.resources.gpu`. */
  readonly gpu: object;
  /** Of the service. */
  readonly replicas?: number;
}

export function askingPod({ name, image, gpu, replicas = 1 }: Asking): object {
  const [arm] = releaseOf({ replicas, resources: { gpu } }).arms;
  const { runAsUser = 1000, ...pod } = gpuPod(arm);
  const container = {
    name: 'server',
    image,
    command: ['sleep', '600'],
    resources: gpuContainer(arm),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const spec = {
    ...pod,
    containers: [container],
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsUser, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec };
}

export function claimObjects({ gpu, replicas = 1 }: Pick<Asking, 'gpu' | 'replicas'>): object[] {
  const release = releaseOf({ replicas, resources: { gpu } });
  return claimsOf(release, release.arms[0]);
}
