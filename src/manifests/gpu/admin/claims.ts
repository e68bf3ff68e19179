/** Devices by claims: there is nothing to set up but the driver, which brings its DeviceClasses. */
import type { GpuOptions } from '#spec';
import type { AdminBundle, Cluster } from './bundle.ts';

export type Claim = NonNullable<GpuOptions['claim']>;

export function claimBundle({ class: deviceClass }: Claim, { nodes }: Cluster): AdminBundle {
  return {
    title: `Devices of the class ${deviceClass}, by dynamic resource allocation`,
    notes: [
      'Nothing is changed by these commands: a driver of the class has to be there, on Kubernetes 1.34 or later.',
      "NVIDIA's operator runs that driver (GPUCluster) or the device plugin (ClusterPolicy), never both, and moves no pods from one to the other.",
      "The driver's own documentation still has whole cards off by default: gpuResourcesEnabledOverride=true where they are missing.",
    ],
    steps: [
      { why: 'the class is there', command: `kubectl get deviceclass ${deviceClass}` },
      {
        why: 'the devices of each node, with the attributes that claims choose by',
        command: 'kubectl get resourceslices -o yaml',
      },
      { why: 'the nodes that they are expected on', command: `kubectl get node ${nodes}` },
      {
        why: 'once the service is applied: which pods have which device',
        command: 'kubectl get resourceclaims -n NAMESPACE -o yaml',
      },
    ],
    objects: [],
  };
}
