/**
 * Definitions of objects that a cluster does not know by itself: KEDA's, the Prometheus operator's, Gateway API's and Istio's. They
 * are as their projects publish them, in modules of Go, kept under test/.peers; where a cluster has one, that one stays.
 */
import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { Unavailable } from '../differential/peers/python.ts';
import type { Cluster } from './kubectl.ts';

const run = promisify(execFile);

interface Published {
  readonly module: string;
  readonly version: string;
  /** A folder of the module. */
  readonly path: string;
  /** What objects are written of, and what those refer to. */
  readonly names: readonly string[];
}

const all: readonly Published[] = [
  {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    path: 'config/crd/bases',
    names: ['scaledobjects.keda.sh'],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    path: 'example/prometheus-operator-crd',
    names: ['podmonitors.monitoring.coreos.com', 'prometheusrules.monitoring.coreos.com'],
  },
  {
    // Later ones are for a later Go.
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.6.0',
    path: 'config/crd/standard',
    names: ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes'].map(
      name => `${name}.gateway.networking.k8s.io`,
    ),
  },
  {
    module: 'istio.io/api',
    version: 'v1.31.4',
    path: 'kubernetes',
    names: ['virtualservices', 'destinationrules', 'gateways'].map(name => `${name}.networking.istio.io`),
  },
];

const folder = join(import.meta.dirname, '..', '.peers', 'crds');

interface Definition {
  readonly metadata: { readonly name: string };
}

/** Defines what the cluster does not know yet, and gives the names of that. Throws `Unavailable` where it cannot be had. */
export async function define(cluster: Cluster): Promise<readonly string[]> {
  const listed = await cluster.run(['get', 'customresourcedefinitions', '-o', 'name']);
  const there = new Set(listed.split('\n').map(line => line.split('/')[1]));
  const defined: string[] = [];
  for (const one of all) {
    const missing = one.names.filter(name => !there.has(name));
    const definitions = missing.length === 0 ? [] : await definitionsOf(one);
    for (const definition of definitions.filter(({ metadata }) => missing.includes(metadata.name))) {
      // What a client keeps of such an object in an annotation may be more than one holds.
      await cluster.run(['apply', '--server-side', '--filename', '-'], JSON.stringify(definition));
      defined.push(definition.metadata.name);
    }
  }
  if (defined.length > 0)
    await cluster.run([
      'wait',
      '--for=condition=established',
      '--timeout=60s',
      ...defined.map(name => `customresourcedefinition/${name}`),
    ]);
  return defined;
}

async function definitionsOf(published: Published): Promise<Definition[]> {
  const kept = await keptOf(published);
  const texts = readdirSync(kept).map(name => readFileSync(join(kept, name), 'utf8'));
  const documents = texts.flatMap(text =>
    parseAllDocuments(text).map(one => one.toJS() as Definition | null),
  );
  return documents.filter(one => one !== null);
}

/** The folder of the files, fetched once. */
async function keptOf({ module, version, path }: Published): Promise<string> {
  const kept = join(folder, `${module.replaceAll('/', '_')}@${version}`);
  if (existsSync(kept)) return kept;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0)
    throw new Unavailable(`there is no go on the path, which fetches the definitions of ${module}`);
  const fetched = mkdtempSync(join(tmpdir(), 'fairlead-crds-'));
  try {
    const from = join(await download(`${module}@${version}`, fetched), path);
    const partial = join(fetched, 'kept');
    mkdirSync(partial);
    for (const name of readdirSync(from).filter(one => one.endsWith('.yaml')))
      cpSync(join(from, name), join(partial, name));
    mkdirSync(folder, { recursive: true });
    cpSync(partial, `${kept}.partial`, { recursive: true });
    renameSync(`${kept}.partial`, kept);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return kept;
}

/** The folder of a module; by its checksum of the public database, as Go does it. */
async function download(module: string, into: string): Promise<string> {
  const environment = { ...process.env, GOFLAGS: '-modcacherw', GOMODCACHE: join(into, 'modules') };
  const { stdout } = await run('go', ['mod', 'download', '-json', module], {
    cwd: into,
    env: environment,
    timeout: 300_000,
  }).catch((error: Error & { stdout?: string }) => {
    const problem = /"Error": "(.*)"/.exec(error.stdout ?? '')?.[1] ?? error.message;
    throw new Unavailable(`${module} cannot be fetched: ${problem}`);
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
