/**
 * Objects of any service file at all, before a real API server in a namespace with the restricted profile: none has a field that
 * is not known, a value that is not valid, or a pod that is not let in. Nothing is kept of them.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { type KubeObject, keyOf } from '#manifests';
import { kubernetesFile } from '../../src/spec/kubernetes-file.arbitrary.ts';
import { Unavailable } from '../differential/peers/python.ts';
import { heeded } from '../manifests/heeded.ts';
import { type Answer, ApiServer } from './api-server.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { define } from './crds.ts';
import { Cluster } from './kubectl.ts';
import { podOf } from './pod-of.ts';

const FILES = 500;
const QUICK = 50;
const CONNECTIONS = 8;
/** Another one finds other files; this one finds the same again. */
const SEED = 9;

/** The exit code. */
export async function acceptedByCluster(): Promise<number> {
  const kubeconfig = process.env['FAIRLEAD_TEST_KUBECONFIG'] ?? '';
  if (kubeconfig === '') throw new Unavailable('FAIRLEAD_TEST_KUBECONFIG is not set');
  const cluster = new Cluster(kubeconfig, `fairlead-accepted-${randomBytes(4).toString('hex')}`);
  const server = new ApiServer(kubeconfig, CONNECTIONS);
  try {
    const defined = await define(cluster);
    if (defined.length > 0) process.stdout.write(`defined on the cluster: ${defined.join(', ')}\n`);
    await cluster.apply(warning(restrictedNamespace(cluster.namespace)));
    await cluster.run(['wait', '--for=create', 'serviceaccount/default', '--timeout=60s']);
    await refusesOthers(server, cluster.namespace);
    const wanted = process.argv.includes('--quick') ? QUICK : FILES;
    return await ask(server, cluster.namespace, rendered(wanted));
  } finally {
    server.close();
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
  }
}

/** Of what makes pods the API server only warns. */
function warning(namespace: object): object {
  const { metadata, ...rest } = namespace as { metadata: { labels: object } };
  const labels = { ...metadata.labels, 'pod-security.kubernetes.io/warn': 'restricted' };
  return { ...rest, metadata: { ...metadata, labels } };
}

interface Rendered {
  readonly objects: readonly KubeObject[];
  /** The file, as it may be tried again. */
  readonly file: string;
}

/** So many files, of each what a cluster can honour, and what they come to. */
function rendered(wanted: number): readonly Rendered[] {
  const all: Rendered[] = [];
  const refused = new Map<string, number>();
  const files = fc.sample(kubernetesFile, { numRuns: wanted * 2, seed: SEED });
  for (const file of files) {
    if (all.length === wanted) break;
    const found = heeded(file, 'accepted');
    if (found !== undefined) all.push({ objects: found.objects, file: JSON.stringify(found.file) });
    for (const path of new Set(found?.refused)) refused.set(path, (refused.get(path) ?? 0) + 1);
  }
  if (all.length < wanted) throw new Error(`only ${all.length} of ${wanted} files were rendered`);
  const most = [...refused].toSorted(([, a], [, b]) => b - a).slice(0, 8);
  process.stdout.write(
    `seed ${SEED}: ${wanted} files, without what was refused of them, most often ${most.map(([path, count]) => `${path} (${count})`).join(', ')}\n`,
  );
  return all;
}

interface Question {
  readonly object: KubeObject;
  readonly file: string;
}

async function ask(server: ApiServer, namespace: string, all: readonly Rendered[]): Promise<number> {
  const questions: Question[] = all.flatMap(({ objects, file }) =>
    objects
      .flatMap(object => [object, ...podOf(object)])
      .map(object => ({ object: within(object, namespace), file })),
  );
  const kinds = new Map<string, number>();
  const faults: string[] = [];
  const began = performance.now();
  const waiting = questions.values();
  const asker = async (): Promise<void> => {
    for (const { object, file } of waiting) {
      kinds.set(object.kind, (kinds.get(object.kind) ?? 0) + 1);
      const fault = faultIn(await server.wouldTake(object, namespace));
      if (fault !== undefined) faults.push(`${keyOf(object)}: ${fault}\n  of ${file}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, asker));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const counted = [...kinds].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  process.stdout.write(
    `${questions.length} objects of ${all.length} files in ${seconds} s, ${faults.length} not accepted: ${counted.join(', ')}\n`,
  );
  for (const fault of distinct(faults).slice(0, 20)) process.stdout.write(`${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}

/** It would be no test if nothing were ever refused. */
async function refusesOthers(server: ApiServer, namespace: string): Promise<void> {
  const metadata = { name: 'planted', namespace };
  const selector = { app: 'planted' };
  const root = { containers: [{ name: 'a', image: 'a' }], securityContext: { runAsUser: 0 } };
  const template = { metadata: { labels: selector }, spec: root };
  const planted: readonly (readonly [KubeObject, RegExp])[] = [
    [{ apiVersion: 'v1', kind: 'Service', metadata, spec: { portz: [] } }, /unknown field .*portz/],
    [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: root }, /violates PodSecurity/],
    [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { selector: { matchLabels: selector }, template },
      },
      /would violate PodSecurity/,
    ],
  ];
  for (const [object, why] of planted)
    assert.match(faultIn(await server.wouldTake(object, namespace)) ?? 'it was accepted', why);
}

function within(object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function faultIn({ status, body, warnings }: Answer): string | undefined {
  if (status !== 201) return `${status} ${messageIn(body)}`;
  return warnings.length === 0 ? undefined : `warned: ${warnings.join('; ')}`;
}

function messageIn(body: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 300);
}

/** One of each that differs in more than names. */
function distinct(faults: readonly string[]): readonly string[] {
  const key = (fault: string): string =>
    fault
      .split('\n', 1)[0]
      ?.replaceAll(/[-.\w]*[-\d][-.\w]*/g, '…')
      .slice(0, 120) ?? '';
  return [...new Map(faults.map(fault => [key(fault), fault])).values()];
}
