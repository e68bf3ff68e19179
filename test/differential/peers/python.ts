/** Python for the peers: a virtual environment for each, under test/.peers, with exactly the pinned packages. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from './process.ts';

const here = join(import.meta.dirname, '..');
const peers = join(here, '..', '.peers');

/** A peer that cannot be had on this machine: the reason. */
export class Unavailable extends Error {}

/** The exit code of a run; of one that cannot be had here, after saying why, 0 if it may be skipped. */
export async function codeOf(run: () => Promise<number>, maySkip: boolean): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
    return maySkip ? 0 : 1;
  }
}

export interface Python {
  /** The interpreter of the environment. */
  readonly program: string;
  readonly folder: string;
  /** `3.11`. */
  readonly version: string;
  readonly packages: string;
  /** Holds the interpreter's shared library. */
  readonly library: string;
}

/**
 * Makes an environment the first time, and again when its requirements have changed. With `base`, it is made of that interpreter,
 * and sees what is installed there too. Throws `Unavailable`.
 */
export function environment(name: string, requirements: string, base?: string): Python {
  const interpreter = base ?? findPython();
  const wanted = readFileSync(join(here, requirements));
  const stamp = createHash('sha256').update(wanted).update(interpreter).digest('hex');
  const folder = join(peers, name);
  const program = join(folder, 'bin', 'python');
  const installed = join(folder, 'installed');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== stamp) {
    process.stderr.write(`differential: installing ${name} into test/.peers (once, a minute or so)\n`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    must(interpreter, ['-m', 'venv', ...(base === undefined ? [] : ['--system-site-packages']), folder]);
    must(program, ['-m', 'pip', 'install', '-q', '--no-deps', '-r', join(here, requirements)]);
    writeFileSync(installed, stamp);
  }
  return { program, folder, ...describe(program) };
}

/** The newest pinned packages need Python 3.11, and the oldest end with 3.12. */
function findPython(): string {
  const names = ['python3', 'python3.11', 'python3.12', '/usr/bin/python3'];
  const suits = 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 13))';
  const found = names.find(name => outputOf(name, ['-c', suits]) !== undefined);
  if (found !== undefined) return found;
  throw new Unavailable('there is no Python 3.11 or 3.12 with venv: `apt-get install python3 python3-venv`');
}

function describe(program: string): Pick<Python, 'version' | 'packages' | 'library'> {
  const script =
    'import sysconfig as s; print(s.get_python_version(), s.get_path("purelib"), s.get_config_var("LIBDIR"), sep="\\n")';
  const [version = '', packages = '', library = ''] = (outputOf(program, ['-c', script]) ?? '').split('\n');
  return { version, packages, library };
}

function must(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 2, 2], timeout: 600_000 });
  if (status !== 0)
    throw new Unavailable(`\`${[program, ...args].join(' ')}\` failed; is a package index reachable?`);
}
