/**
 * What whoever runs a cluster does once, before pods of a service find what `resources.gpu` asks for. It changes nodes and all that
 * run on them, so it is never among the objects of a service.
 */
import type { GpuOptions } from '#spec';
import type { KubeObject } from '../../object.ts';
import { sharingOf } from '../cards.ts';
import { claimBundle } from './claims.ts';
import { migBundle } from './mig.ts';
import { sharingBundle } from './sharing.ts';
import { wholeBundle } from './whole.ts';

export interface AdminOptions {
  /** Where NVIDIA's GPU operator runs. Default: gpu-operator. */
  readonly namespace?: string;
  /** Labels of the nodes that are set up, as `kubectl get nodes -l` takes them. Default: those of the product. */
  readonly nodes?: string;
}

export interface AdminBundle {
  readonly title: string;
  /** What it changes beside what it is for, and what it does not do: a line each. */
  readonly notes: readonly string[];
  /** In their order; the first that names `FILE` applies the objects. */
  readonly steps: readonly AdminStep[];
  readonly objects: readonly KubeObject[];
}

export interface AdminStep {
  readonly why: string;
  readonly command: string;
}

/** What a bundle is made for. */
export interface Cluster {
  readonly namespace: string;
  /** Flags of kubectl that choose nodes. */
  readonly nodes: string;
}

export function adminBundleOf(gpu: GpuOptions, options: AdminOptions = {}): AdminBundle {
  const cluster = { namespace: options.namespace ?? 'gpu-operator', nodes: nodesOf(gpu, options) };
  const sharing = sharingOf(gpu);
  if (sharing !== undefined) return sharingBundle(sharing, cluster);
  if (gpu.share?.mig !== undefined) return migBundle(gpu.share.mig, cluster);
  return gpu.claim === undefined ? wholeBundle(cluster) : claimBundle(gpu.claim, cluster);
}

/** Never all nodes because nobody said which: a person writes their names. */
function nodesOf({ product }: GpuOptions, { nodes }: AdminOptions): string {
  if (nodes !== undefined) return `-l '${nodes}'`;
  return product === undefined ? 'NODE' : `-l 'nvidia.com/gpu.product=${product}'`;
}
