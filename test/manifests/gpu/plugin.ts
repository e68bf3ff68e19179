/** NVIDIA's device plugin's own reader of its configuration, built from its module. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Unavailable } from '../../differential/peers/python.ts';

/** What the plugin makes of a configuration. */
export interface Answer {
  /** Why it is none that the plugin reads whole. */
  readonly error?: string;
  readonly strategy?: string;
  readonly resource?: string;
  readonly replicas?: number;
  readonly onlyOne?: boolean;
}

/** Of each text, in their order. */
export type Plugin = (texts: readonly string[]) => readonly Answer[];

/** Builds it in a folder that may be written into. Throws `Unavailable` where there is no Go, or no proxy of its modules. */
export function plugin(folder: string): Plugin {
  const program = join(folder, 'gpu-plugin');
  const { error, status, stderr } = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: join(import.meta.dirname, 'plugin'),
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (error !== undefined) throw new Unavailable('there is no go on the path');
  if (status !== 0) throw new Unavailable(`\`go build\` failed; is a proxy of modules reachable?\n${stderr}`);
  return texts => {
    const input = texts.map(text => `${JSON.stringify(text)}\n`).join('');
    const ran = spawnSync(program, [], { input, encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 26 });
    if (ran.status !== 0) throw new Error(`the checker ended with ${ran.status}: ${ran.stderr}`);
    const lines = ran.stdout.split('\n').filter(line => line !== '');
    return lines.map(line => JSON.parse(line) as Answer);
  };
}
