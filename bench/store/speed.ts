/** How fast an artifact arrives, hashed and published, beside what a user would take instead. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rotated } from '../measure/statistics.ts';
import { pull } from './fairlead.ts';
import { mustRun, type Watched } from './measured.ts';
import type { Laid } from './origins/origin.ts';

export const FAIRLEAD = 'fairlead store pull';

export interface Sample {
  readonly name: string;
  readonly seconds: number;
  /** Until what it wrote is on the disk, so that nobody gains by leaving that for later. */
  readonly safeSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

interface Contestant {
  readonly name: string;
  readonly command: (folder: string) => Watched;
}

/** Rounds that take turns; one that fails is said and left out. */
export async function timeAll(laid: Laid, folder: string, rounds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const failed = new Set<string>();
  const all = contestants(laid);
  for (let round = 0; round < rounds; round++)
    for (const contestant of rotated(all, round)) {
      if (failed.has(contestant.name)) continue;
      try {
        samples.push(await timed(contestant, join(folder, 'out')));
      } catch (error) {
        failed.add(contestant.name);
        process.stderr.write(`bench: ${contestant.name} is left out: ${String(error)}\n`);
      }
    }
  return samples.filter(({ name }) => !failed.has(name));
}

function contestants({ uri, env, peers }: Laid): Contestant[] {
  const ours = { name: FAIRLEAD, command: (folder: string) => pull(uri, { cache: folder, env }) };
  const theirs = peers.map(({ name, argv, env: own = {} }) => ({
    name,
    command: (folder: string): Watched => ({ argv: argv(folder), env: own, deadlineMs: 900_000 }),
  }));
  return [ours, ...theirs];
}

async function timed({ name, command }: Contestant, folder: string): Promise<Sample> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // What the one before wrote is not this one's to wait for.
  execFileSync('sync');
  const { seconds, cpuSeconds, peakBytes } = await mustRun(command(folder));
  const since = performance.now();
  execFileSync('sync', ['-f', folder]);
  const safeSeconds = seconds + (performance.now() - since) / 1000;
  rmSync(folder, { recursive: true, force: true });
  process.stderr.write(`bench: ${name}: ${seconds.toFixed(1)} s, ${safeSeconds.toFixed(1)} s to the disk\n`);
  return { name, seconds, safeSeconds, cpuSeconds, peakBytes };
}
