import type { Cluster } from '../cluster.ts';
import { Access } from './access/access.ts';
import { loadKubeconfig } from './access/kubeconfig.ts';
import { ApiCluster } from './api-cluster.ts';
import { Client } from './http/client.ts';

export interface OpenOptions {
  /** A file; else KUBECONFIG, ~/.kube/config, or a pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** Else the current one. */
  readonly context?: string | undefined;
  /** Else the context's, or `default`. */
  readonly namespace?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
}

/** The cluster that kubectl would take. Throws kubeconfig_unusable; nothing is asked of the cluster yet. */
export async function openCluster({
  kubeconfig,
  context,
  namespace,
  environment = process.env,
  signal,
}: OpenOptions): Promise<Cluster> {
  const config = await loadKubeconfig({ kubeconfig, context, environment });
  const access = new Access(config, environment);
  const closing = new AbortController();
  const ended = AbortSignal.any([signal, closing.signal]);
  return new ApiCluster({
    client: new Client(access, ended),
    namespace: namespace ?? access.namespace,
    signal: ended,
    close: () => {
      closing.abort();
      access.close();
    },
  });
}
