/** Cards that the hardware divides: MIG Manager cuts those of a node as its label says. */
import type { GpuOptions } from '#spec';
import { GPU, profileName } from '../cards.ts';
import type { AdminBundle, AdminStep, Cluster } from './bundle.ts';

export type Mig = NonNullable<NonNullable<GpuOptions['share']>['mig']>;

const CONFIG = 'nvidia.com/mig.config';

export function migBundle({ profile, strategy }: Mig, { nodes }: Cluster): AdminBundle {
  return {
    title: `Cards cut into parts of ${profile}, with the strategy ${strategy}`,
    notes: [
      'All GPUs of the labelled nodes change, and MIG Manager ends every pod there that has one, of whatever namespace.',
      'Never cut a node that serves: have nodes of their own for each way to cut, and drain them first.',
      'The strategy is that of the whole cluster: pods that ask for parts in the other way no longer find them.',
      'Machines of clouds may have to be started again for it: set WITH_REBOOT=true in spec.migManager.env of the ClusterPolicy.',
      `all-${profileName(profile)} makes only such parts; all-balanced, or an entry of your own, makes several kinds (strategy mixed).`,
      "For NVIDIA's GPU operator. GKE, EKS and AKS have settings of their own for node pools; they are not written here.",
      'Undo it with the value all-disabled.',
    ],
    steps: [...doIt({ profile, strategy }, nodes), ...verify({ profile, strategy }, nodes)],
    objects: [],
  };
}

function doIt({ profile, strategy }: Mig, nodes: string): AdminStep[] {
  const patch = JSON.stringify({ spec: { mig: { strategy } } });
  return [
    {
      why: 'how parts are named: by the card (single), or each by its profile (mixed)',
      command: `kubectl patch clusterpolicies.nvidia.com/cluster-policy --type merge -p '${patch}'`,
    },
    {
      why: 'no pod is started there, and those with a GPU go in an orderly way',
      command: `kubectl drain ${nodes} --ignore-daemonsets --delete-emptydir-data`,
    },
    {
      why: 'cuts all cards of these nodes',
      command: `kubectl label node ${nodes} ${CONFIG}=all-${profileName(profile)} --overwrite`,
    },
  ];
}

/** With the strategy single, a card that is cut has another product, by which its node is no longer found. */
function cutNodes({ profile, strategy }: Mig, nodes: string): string {
  const isByProduct = strategy === 'single' && nodes.includes(`${GPU}.product=`);
  return isByProduct ? `-l '${CONFIG}=all-${profileName(profile)}'` : nodes;
}

function verify(mig: Mig, chosen: string): AdminStep[] {
  const { profile, strategy } = mig;
  const nodes = cutNodes(mig, chosen);
  const resource = strategy === 'single' ? GPU : `nvidia.com/mig-${profileName(profile)}`;
  const column = `PARTS:.status.allocatable.${resource.replaceAll('.', '\\.')}`;
  return [
    {
      why: 'wait for success; failed and rebooting are said here too',
      command: `kubectl get node ${nodes} -L ${CONFIG},${CONFIG}.state`,
    },
    {
      why: 'how many parts a node has',
      command: `kubectl get node ${nodes} -o custom-columns='NODE:.metadata.name,${column}'`,
    },
    { why: 'pods may come back', command: `kubectl uncordon ${nodes}` },
  ];
}
