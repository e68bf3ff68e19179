/** Time slices and MPS, by a configuration of the device plugin. */
import { stringify } from 'yaml';
import { CONFIG_LABEL, configName, GPU, type Sharing } from '../cards.ts';
import type { AdminBundle, AdminStep, Cluster } from './bundle.ts';
import { pluginConfig } from './plugin-config.ts';

/** The operator reads one such object for all nodes; each configuration is an entry of it. */
const CONFIGS = 'gpu-sharing';

const POLICY = 'clusterpolicies.nvidia.com/cluster-policy';

export function sharingBundle(sharing: Sharing, cluster: Cluster): AdminBundle {
  const { kind, replicas } = sharing;
  const name = configName(sharing);
  const what = kind === 'mps' ? 'MPS' : 'time slices';
  return {
    title: `Cards shared by ${replicas} pods each, by ${what}: entry ${name}`,
    notes: [...blastRadius, ...(kind === 'mps' ? ofMps : ofTimeSlicing), ...elsewhere],
    steps: [...doIt(sharing, cluster), ...verify(sharing)],
    objects: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: CONFIGS, namespace: cluster.namespace },
        data: { [name]: stringify(pluginConfig(sharing)) },
      },
    ],
  };
}

const blastRadius = [
  'All GPUs of the labelled nodes change, for every namespace: whole cards (nvidia.com/gpu) are no longer there.',
  'Drain the nodes first. Pods that run go on with the card that they have, and the shares of it are given away beside them.',
  'Undo it by taking the label away.',
];

const ofTimeSlicing = [
  'Nothing keeps the memory of pods on a card apart: what they need together must fit. One fault can end all of them.',
];

const ofMps = [
  "Each pod has its part of the card's memory and cores. A fault of one can still end all of them.",
  'Not for cards with MIG, nor with the MIG strategy mixed. Pods of one user at a time: all that share must have the same.',
];

const elsewhere = [
  "For NVIDIA's GPU operator. With the device plugin's own chart: --set config.name=gpu-sharing --set gfd.enabled=true.",
  "GKE's own plugin shares by flags of a node pool instead, and EKS' Bottlerocket by its settings; neither is written here.",
];

function doIt(sharing: Sharing, { namespace, nodes }: Cluster): AdminStep[] {
  const name = configName(sharing);
  const config = { devicePlugin: { config: { name: CONFIGS } } };
  const patch = sharing.kind === 'mps' ? { ...config, gfd: { enabled: true } } : config;
  return [
    {
      why: 'what the operator reads now: if it names another ConfigMap, add the entry to that one instead',
      command: `kubectl get ${POLICY} -o jsonpath='{.spec.devicePlugin.config}'`,
    },
    {
      why: 'adds the entry, and keeps those of others',
      command: `kubectl apply --server-side --field-manager=fairlead-${name} -f FILE`,
    },
    {
      why: 'without a default, so that only labelled nodes change',
      command: `kubectl patch ${POLICY} --type merge -p '${JSON.stringify({ spec: patch })}'`,
    },
    {
      why: 'from now on the cards of these nodes are shared',
      command: `kubectl label node ${nodes} ${CONFIG_LABEL}=${name} --overwrite`,
    },
    {
      why: 'the operator does not see that an entry has changed',
      command: `kubectl rollout restart -n ${namespace} daemonset/nvidia-device-plugin-daemonset daemonset/gpu-feature-discovery`,
    },
  ];
}

function verify(sharing: Sharing): AdminStep[] {
  const { kind, replicas } = sharing;
  const name = configName(sharing);
  const labels = `${GPU}.sharing-strategy,${GPU}.replicas${kind === 'mps' ? ',nvidia.com/mps.capable' : ''}`;
  return [
    {
      why: `${replicas} for each card of a node`,
      command: `kubectl get nodes -l ${CONFIG_LABEL}=${name} -o custom-columns='NODE:.metadata.name,SHARES:.status.allocatable.nvidia\\.com/gpu\\.shared,WHOLE:.status.allocatable.nvidia\\.com/gpu'`,
    },
    {
      why: `what the node says of itself: ${kind === 'mps' ? 'mps' : 'time-slicing'}, ${replicas}${kind === 'mps' ? ', true' : ''}`,
      command: `kubectl get nodes -l ${CONFIG_LABEL}=${name} -L ${labels}`,
    },
  ];
}
