/** An image of what a user installs: the bundle on Node's base image, with the native library of Linux on x64 alone. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../programs/fairlead.ts';
import type { Surroundings } from './surroundings.ts';

/** Builds the bundle, puts it on the base image and pushes that. Gives the name that nodes pull it by. */
export function pushImage({ registry, baseImage }: Surroundings, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-image-'));
  try {
    execFileSync(process.execPath, [join(root, 'scripts/run.mjs'), 'scripts/build.ts'], {
      cwd: root,
      stdio: 'ignore',
    });
    layOut(join(folder, 'app'));
    const layer = join(folder, 'app.tar');
    execFileSync('tar', ['-cf', layer, '--owner=0', '--group=0', '-C', folder, 'app']);
    const tag = `${registry}/${name}`;
    const crane = (...args: string[]): Buffer =>
      execFileSync('crane', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    crane('append', '--insecure', '-b', `${registry}/${baseImage}`, '-f', layer, '-t', tag);
    crane('mutate', '--insecure', '--entrypoint', 'node,/app/dist/fairlead.js', '-t', tag, tag);
    return tag;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function layOut(app: string): void {
  mkdirSync(app, { recursive: true });
  cpSync(join(root, 'dist'), join(app, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(app, 'package.json'));
  for (const dependency of ['onnxruntime-node', 'onnxruntime-common'])
    cpSync(join(root, 'node_modules', dependency), join(app, 'node_modules', dependency), {
      recursive: true,
      filter: path => !/\/bin\/napi-v\d+\/(?!linux(?:\/x64|$))/.test(path) && !path.endsWith('.map'),
    });
}
