/** fairlead as it is installed, in a folder that anybody may read, with nothing else around it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../source.ts';

export interface Installed {
  readonly folder: string;
  /** Runs the program to its end, as an ordinary user with nothing on PATH. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** The same, killed by SIGKILL after so many milliseconds, where it has not ended by then. */
  killed(ms: number, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  remove(): void;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who owns nothing. */
const NOBODY = 65_534;
const DEADLINE_MS = 60_000;

export function install(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-installed-'));
  chmodSync(folder, 0o755);
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  const script = join(root, 'scripts', 'build.ts');
  execFileSync(process.execPath, ['--conditions=source', script, '--out', join(folder, 'dist')], {
    stdio: 'ignore',
  });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  cpSync(join(root, 'examples', 'digits'), join(folder, 'digits'), { recursive: true });
  for (const name of ['onnxruntime-node', 'onnxruntime-common'])
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
      filter: path => !/\/bin\/napi-v\d+\/(?!linux)\w/.test(path),
    });
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o777 });
  chmodSync(home, 0o777);
  const program = join(folder, 'dist', 'fairlead.js');
  return {
    folder,
    run: (args, env = {}) => ended(node, [program, ...args], { home, env, ms: DEADLINE_MS }),
    killed: (ms, args, env = {}) => ended(node, [program, ...args], { home, env, ms }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function ended(
  node: string,
  args: readonly string[],
  { home, env, ms }: { home: string; env: Readonly<Record<string, string>>; ms: number },
): Promise<Ended> {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(node, args, {
    cwd: home,
    env: { PATH: '', HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ms,
    killSignal: 'SIGKILL',
    ...user,
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}
