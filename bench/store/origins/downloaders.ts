/** Downloaders that know nothing of a store: they are given an address that asks for no key. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Peer } from './origin.ts';

/** curl, ranges at once, each into a file of its own: nothing is put together, hashed or checked. */
function curlRanges(url: string, size: number, connections: number): Peer {
  const step = Math.ceil(size / connections);
  const starts = Array.from({ length: connections }, (_, at) => at * step).filter(start => start < size);
  const name = `curl, ${starts.length} ranges at once`;
  const part = (folder: string, start: number): string[] => {
    const range = `${start}-${Math.min(size, start + step) - 1}`;
    return ['-sS', '--fail', '-r', range, '-o', join(folder, range), url];
  };
  const argv = (folder: string): readonly [string, ...string[]] => [
    'curl',
    '-Z',
    '--parallel-immediate',
    '--parallel-max',
    String(connections),
    ...starts.flatMap((start, at) => (at === 0 ? part(folder, start) : ['--next', ...part(folder, start)])),
  ];
  return { name, argv };
}

/** curl as most people use it: one stream into one file. */
function curlWhole(url: string): Peer {
  return {
    name: 'curl, one stream',
    argv: folder => ['curl', '-sS', '--fail', '-o', join(folder, 'whole'), url],
  };
}

/** One file from ranges at once, as fairlead makes it; its file is not hashed. */
function aria2(url: string, connections: number): Peer {
  const many = String(Math.min(16, connections));
  const flags = [
    '-q',
    '-x',
    many,
    '-s',
    many,
    '-k',
    '1M',
    '--file-allocation=none',
    '--auto-file-renaming=false',
  ];
  return {
    name: `aria2c, ${many} connections`,
    argv: folder => ['aria2c', ...flags, '-d', folder, '-o', 'whole', url],
  };
}

/** Those of them whose program is here. */
export function downloaders(url: string, size: number, connections: number): Peer[] {
  const all = [curlRanges(url, size, connections), curlWhole(url)];
  return has('aria2c') ? [...all, aria2(url, connections)] : all;
}

export function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
