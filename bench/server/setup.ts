/** What the bench needs from the machine: found, or made under bench/.peers, or named in one sentence. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { places } from './places.ts';

/** Debian's own Python, because Debian's torch is built for it. */
const systemPython = '/usr/bin/python3';

/** Checks the tools and makes the peers ready. Throws an Error that says what to install. */
export function setUp(): void {
  if (availableParallelism() < 2)
    throw new Error('the bench needs two cores: one for the server, one for wrk');
  need('wrk', ['-v'], 'wrk');
  need('h2load', ['--version'], 'nghttp2-client');
  need('taskset', ['--version'], 'util-linux');
  need(systemPython, ['-c', 'import torch'], 'python3-torch');
  installPeers();
  python(['export_mlp.py', places.model, places.weights]);
}

/** The versions of all that decides the figures, one `name version` a line. */
export function versions(): string[] {
  const { python: own, libraries } = peerVersions();
  const cores = cpus();
  return [
    `fairlead ${packageVersion(places.root)}`,
    `node ${process.versions.node}`,
    `onnxruntime-node ${packageVersion(join(places.root, 'node_modules/onnxruntime-node'))}`,
    `Python ${own}`,
    ...Object.entries(libraries).map(([name, { version }]) => `${name} ${version}`),
    /wrk \S+/.exec(spawnSync('wrk', ['-v'], { encoding: 'utf8' }).stdout)?.[0] ?? 'wrk',
    `CPU ${cores[0]?.model.trim()} (${cores.length} cores)`,
  ];
}

function need(program: string, args: string[], debianPackage: string): void {
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' });
  // `wrk -v` prints its version and exits 1: for a bare program, being there is enough.
  if (error === undefined && (status === 0 || args[0] !== '-c')) return;
  throw new Error(`the bench needs ${debianPackage}: run \`apt-get install ${debianPackage}\``);
}

/** Makes the environment the first time, and again when requirements.txt has changed. */
function installPeers(): void {
  const requirements = join(places.sources, 'requirements.txt');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const stamp = join(places.peers, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('bench: installing the FastAPI peer into bench/.peers (once, a minute or so)\n');
  rmSync(places.peers, { recursive: true, force: true });
  mkdirSync(places.peers, { recursive: true });
  must(systemPython, ['-m', 'venv', '--system-site-packages', places.venv], 'apt-get install python3-venv');
  must(places.python, ['-m', 'pip', 'install', '-q', '-r', requirements], 'is a package index reachable?');
  peerVersions();
  writeFileSync(stamp, wanted);
}

function must(program: string, args: string[], hint: string): void {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 2, 2], timeout: 600_000 });
  if (status !== 0) throw new Error(`\`${[program, ...args].join(' ')}\` failed, see above; ${hint}`);
}

const peerSchema = z.object({
  python: z.string(),
  libraries: z.record(z.string(), z.object({ version: z.string(), file: z.string() })),
});

/** Throws when a library that requirements.txt pins would be loaded from anywhere but the environment. */
function peerVersions(): z.output<typeof peerSchema> {
  const found = peerSchema.parse(JSON.parse(python(['versions.py'])));
  for (const [name, { file }] of Object.entries(found.libraries)) {
    if (name !== 'torch' && !file.startsWith(places.venv)) {
      throw new Error(`the peer would load ${name} from ${file}; delete bench/.peers and run again`);
    }
  }
  return found;
}

function python(args: [string, ...string[]]): string {
  const [script, ...rest] = args;
  const options = { encoding: 'utf8', timeout: 60_000 } as const;
  return execFileSync(places.python, [join(places.sources, script), ...rest], options);
}

function packageVersion(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
