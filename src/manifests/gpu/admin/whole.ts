/** Whole cards: what the device plugin gives away without any configuration. */
import { GPU } from '../cards.ts';
import type { AdminBundle, Cluster } from './bundle.ts';

export function wholeBundle({ nodes }: Cluster): AdminBundle {
  return {
    title: 'Whole cards',
    notes: [
      "Nothing is changed by these commands: NVIDIA's device plugin has to be there, by its operator, its chart or a cloud.",
      'Without resources.gpu.product a pod can get a part of a card that is cut with the MIG strategy single, which has the same name.',
    ],
    steps: [
      {
        why: 'how many cards a node gives away',
        command: `kubectl get node ${nodes} -o custom-columns='NODE:.metadata.name,CARDS:.status.allocatable.${GPU.replaceAll('.', '\\.')}'`,
      },
      { why: 'what they are called', command: `kubectl get node ${nodes} -L ${GPU}.product` },
    ],
    objects: [],
  };
}
