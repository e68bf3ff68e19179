/** Python for the peers: an environment for each, under bench/.peers, with exactly the pinned packages. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { places } from './places.ts';

/** Debian's own Python, because Debian's torch is built for it. */
const SYSTEM_PYTHON = '/usr/bin/python3';
const INSTALL_WITHIN_MS = 600_000;

interface Needed {
  readonly argv: readonly [string, ...string[]];
  readonly debian: string;
}

const torch: Needed = { argv: [SYSTEM_PYTHON, '-c', 'import torch'], debian: 'python3-torch' };
const java: Needed = { argv: ['java', '-version'], debian: 'openjdk-17-jre-headless' };

/** What pip cannot bring. Debian's packages are visible in the environments that need its torch. */
const needed: Readonly<Record<string, readonly Needed[]>> = {
  'fastapi-torch': [torch],
  torchserve: [torch, java],
};

/** A program of an environment. */
export function program(environment: string, name: string): string {
  return join(places.peers, environment, 'bin', name);
}

/**
 * Makes an environment the first time, and again when its requirements have changed. Throws an Error that says why it
 * cannot be had.
 */
export function install(environment: string): void {
  const requirements = join(places.sources, 'requirements', `${environment}.txt`);
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const folder = join(places.peers, environment);
  const stamp = join(folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const debian = needed[environment] ?? [];
  for (const each of debian) must(each.argv, `run \`apt-get install ${each.debian}\``);
  process.stderr.write(`bench: installing ${environment} into bench/.peers (once, a minute or so)\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const shared = debian.includes(torch) ? ['--system-site-packages'] : [];
  must([SYSTEM_PYTHON, '-m', 'venv', ...shared, folder], 'run `apt-get install python3-venv`');
  // As low in priority as may be: an install is never what is measured.
  const pip = ['nice', '-n', '15', program(environment, 'python'), '-m', 'pip', 'install', '-q'] as const;
  must([...pip, '--no-deps', '-r', requirements], 'is a package index reachable?');
  writeFileSync(stamp, wanted);
}

const versionsSchema = z.record(z.string(), z.string());

/** The version of each package that the file of requirements names first, those that the figures depend on. */
export function versionsOf(environment: string): Readonly<Record<string, string>> {
  const requirements = readFileSync(join(places.sources, 'requirements', `${environment}.txt`), 'utf8');
  const script = join(places.sources, 'versions.py');
  const names = directRequirements(requirements);
  const ran = spawnSync(program(environment, 'python'), [script, ...names], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (ran.status !== 0)
    throw new Error(`${environment} does not say its versions: ${ran.stderr.slice(-500)}`);
  return versionsSchema.parse(JSON.parse(ran.stdout));
}

/** The names above the line that says what they bring. */
export function directRequirements(text: string): string[] {
  const direct = text.split('# What they bring.')[0] ?? '';
  return [...direct.matchAll(/^([\w.-]+)==/gm)].map(([, name]) => name ?? '');
}

function must(argv: readonly [string, ...string[]], hint: string): void {
  const [file, ...args] = argv;
  const options = { encoding: 'utf8', timeout: INSTALL_WITHIN_MS } as const;
  const { status, stderr, error } = spawnSync(file, args, options);
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().slice(-500);
  throw new Error(`\`${argv.join(' ')}\` failed; ${hint}: ${why}`);
}
