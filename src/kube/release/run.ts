/** One run of `apply` or `delete`: what it was given, and what it tells. */
import type { Clock } from '#base';
import type { Cluster } from '../cluster.ts';
import type { LiveObject, ObjectRef } from '../kube-object.ts';
import type { Progress } from './progress.ts';

export interface RunOptions {
  readonly tell: (progress: Progress) => void;
  readonly clock: Clock;
  /** Rejects when the signal ends it. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Run extends RunOptions {
  readonly cluster: Cluster;
  readonly service: string;
  readonly namespace: string;
}

/** Removes objects one after the other, each only if it is still the one that was seen. */
export async function removeAll(
  { cluster, tell, signal, namespace }: Run,
  objects: readonly LiveObject[],
  isForeground = false,
): Promise<void> {
  for (const { apiVersion, kind, metadata } of objects) {
    signal.throwIfAborted();
    const ref: ObjectRef = { apiVersion, kind, namespace, name: metadata.name };
    if (await cluster.remove(ref, { uid: metadata.uid, isForeground })) tell({ kind: 'removed', ref });
  }
}
