/** What the bench needs from the machine: found, or made under bench/.peers, or named in one sentence. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '#base';
import type { Contestant } from './contestant.ts';
import { install, program, versionsOf } from './environments.ts';
import { bert, cnn } from './models.ts';
import { places } from './places.ts';

/** Checks the tools. Throws an Error that says what to install. */
export function needTools(): void {
  if (availableParallelism() < 2)
    throw new Error('the bench needs two cores: one for the server, one for its client');
  // `wrk -v` prints its version and exits 1: being there is enough.
  need('wrk', '-v', 'wrk');
  need('h2load', '--version', 'nghttp2-client');
  need('taskset', '--version', 'util-linux');
}

/**
 * Installs what the contestants need, one after the other. Gives the errors of those that cannot be had, by environment:
 * the others are measured all the same.
 */
export function installAll(contestants: readonly Contestant[]): ReadonlyMap<string, string> {
  const failures = new Map<string, string>();
  for (const environment of environmentsOf(contestants)) {
    try {
      install(environment);
      versionsOf(environment);
      if (environment === 'fastapi-torch') exportNetwork(environment);
    } catch (error) {
      failures.set(environment, messageOf(error));
      process.stderr.write(`bench: ${environment} is left out: ${messageOf(error)}\n`);
    }
  }
  return failures;
}

/** The network for PyTorch, and the list by which fairlead serves it. */
function exportNetwork(environment: string): void {
  python(environment, 'export_mlp.py', places.model, places.weights, places.torchScript);
  const runtime = { python: { interpreter: program(environment, 'python') } };
  const model = { name: 'digits', uri: places.torchScript, version: '2', runtime };
  writeFileSync(places.torchList, JSON.stringify([model]));
}

/** Writes the heavier models, the first time. */
export function makeModels(): void {
  if (existsSync(cnn.path) && existsSync(bert.path)) return;
  install('models');
  process.stderr.write('bench: writing the models into bench/.peers (once)\n');
  python('models', 'make_models.py', places.served);
}

/** The versions of all that decides the figures, one `name version` a line; a peer's lines name it. */
export function versions(contestants: readonly Contestant[]): string[] {
  const cores = cpus();
  const wrk = spawnSync('wrk', ['-v'], { encoding: 'utf8' }).stdout;
  return [
    `fairlead ${packageVersion(places.root)}`,
    `node ${process.versions.node}`,
    `onnxruntime-node ${packageVersion(join(places.root, 'node_modules/onnxruntime-node'))}`,
    ...environmentsOf(contestants).map(environment => {
      const named = Object.entries(versionsOf(environment)).map(([name, version]) => `${name} ${version}`);
      return `${environment}: ${named.join(', ')}`;
    }),
    /wrk \S+/.exec(wrk)?.[0] ?? 'wrk',
    `CPU ${cores[0]?.model.trim()} (${cores.length} cores)`,
  ];
}

function environmentsOf(contestants: readonly Contestant[]): string[] {
  return [...new Set(contestants.flatMap(({ environment }) => environment ?? []))];
}

function need(tool: string, flag: string, debianPackage: string): void {
  const { error } = spawnSync(tool, [flag], { stdio: 'ignore' });
  if (error === undefined) return;
  throw new Error(`the bench needs ${debianPackage}: run \`apt-get install ${debianPackage}\``);
}

function python(environment: string, script: string, ...args: readonly string[]): void {
  const file = join(places.sources, script);
  const options = { encoding: 'utf8', timeout: 120_000 } as const;
  const { status, stderr } = spawnSync(program(environment, 'python'), [file, ...args], options);
  if (status !== 0) throw new Error(`${script} failed: ${stderr.slice(-1_000)}`);
}

function packageVersion(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
