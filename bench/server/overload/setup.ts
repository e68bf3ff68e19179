/** What this bench needs from the machine, and what decides its figures. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '#base';
import { install, versionsOf } from '../environments.ts';
import { places } from '../places.ts';

/** Throws an Error that says what is missing. */
export function needTools(): void {
  if (availableParallelism() < 2)
    throw new Error('the bench needs two cores: one for the server, one for the load');
  const { status } = spawnSync('taskset', ['--version'], { stdio: 'ignore' });
  if (status !== 0) throw new Error('the bench needs util-linux: run `apt-get install util-linux`');
}

/** Installs a peer's environment unless it is there; why it cannot be had, or undefined. */
export function faultOf(environment: string): string | undefined {
  try {
    install(environment);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** One `name version` each, those of the environments too. */
export function versions(environments: readonly string[]): string[] {
  const cores = cpus();
  const libraries = [...new Set(environments)].flatMap(name => Object.entries(versionsOf(name)));
  return [
    `fairlead ${packageVersion(places.root)}`,
    `node ${process.versions.node}`,
    `onnxruntime-node ${packageVersion(join(places.root, 'node_modules/onnxruntime-node'))}`,
    ...new Set(libraries.map(([name, version]) => `${name} ${version}`)),
    `CPU ${cores[0]?.model.trim()} (${cores.length} cores)`,
  ];
}

function packageVersion(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
