/**
 * Which cluster is meant, and who asks: as kubectl finds it. Of client-node only this part is used; its requests have no deadline
 * and try nothing twice, and its informers stop for good.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type AppError, failure, messageOf } from '#base';

export interface Choice {
  /** A file; else those of KUBECONFIG, else ~/.kube/config, else what a pod has. */
  readonly kubeconfig?: string | undefined;
  /** One of its contexts; else the current one. */
  readonly context?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const IN_POD = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The library takes 400 ms to load, and only what speaks to a cluster waits for it. */
export async function loadKubeconfig(choice: Choice): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const files = filesOf(choice);
  if (files.length === 0) return inPod(new KubeConfig(), choice);
  const [first, ...more] = files.map(file => read(new KubeConfig(), file));
  if (first === undefined) throw new Error('a list of files that is not empty has a first one');
  for (const one of more) merge(first, one);
  return choose(first, choice, files.join(delimiter));
}

function filesOf({ kubeconfig, environment }: Choice): string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter(file => file !== '');
  // As kubectl does: one of a list need not be there, and then it is of no use to look elsewhere.
  const found = listed.filter(file => existsSync(file));
  if (listed.length > 0 && found.length === 0)
    throw unusable(listed.join(delimiter), 'there is no such file');
  if (found.length > 0) return found;
  const own = join(environment['HOME'] ?? homedir(), '.kube', 'config');
  return existsSync(own) ? [own] : [];
}

/** Without a file, a pod's service account; the library would otherwise ask http://localhost:8080. */
function inPod(config: KubeConfig, { context, environment }: Choice): KubeConfig {
  const isPod = environment['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(IN_POD);
  if (!isPod) throw unusable('no kubeconfig', 'KUBECONFIG is not set, and there is no ~/.kube/config');
  if (context !== undefined) throw unusable(`--context ${context}`, 'a pod has no contexts');
  config.loadFromCluster();
  return config;
}

function read(config: KubeConfig, file: string): KubeConfig {
  try {
    config.loadFromFile(file);
    return config;
  } catch (error: unknown) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw unusable(file, isMissing ? 'there is no such file' : messageOf(error), error);
  }
}

/** What is named twice is what the first file says it is, as kubectl has it; `mergeConfig` of the library refuses that. */
function merge(into: KubeConfig, other: KubeConfig): void {
  into.currentContext ||= other.currentContext;
  into.clusters = joined(into.clusters, other.clusters);
  into.users = joined(into.users, other.users);
  into.contexts = joined(into.contexts, other.contexts);
}

function joined<T extends { readonly name: string }>(first: readonly T[], more: readonly T[]): T[] {
  return [...first, ...more.filter(({ name }) => !first.some(one => one.name === name))];
}

function choose(config: KubeConfig, { context }: Choice, files: string): KubeConfig {
  if (context !== undefined) config.setCurrentContext(context);
  const current = config.getCurrentContext() as string | undefined;
  if (current === undefined || current === '') throw unusable(files, 'it has no current-context');
  const found = config.getContexts().find(({ name }) => name === current);
  if (found === undefined) throw unusable(files, `it has no context ${current}`);
  if (config.getCurrentCluster() === null) throw unusable(files, `it has no cluster ${found.cluster}`);
  if (config.getCurrentUser() === null) throw unusable(files, `it has no user ${found.user}`);
  return telling(config);
}

/** Plugins are told which version to answer in, and that nobody can be asked for a password; the library tells them nothing. */
function telling(config: KubeConfig): KubeConfig {
  for (const user of config.users) {
    const exec = user.exec as
      | { apiVersion?: string; env?: { name: string; value: string }[] | null }
      | undefined;
    if (exec === undefined || exec === null) continue;
    const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
    exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
  }
  return config;
}

export function unusable(subject: string, problem: string, cause?: unknown): AppError {
  return failure('kubeconfig_unusable', { subject, problem }, cause);
}
