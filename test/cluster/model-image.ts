/** An image with nothing but a model in its folder `models`, for an image volume. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Build } from './image.ts';

/** What a node pulls it by. */
export function modelImage({ around, repository }: Build, model: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-model-image-'));
  try {
    mkdirSync(join(folder, 'models'));
    copyFileSync(model, join(folder, 'models', basename(model)));
    const layer = join(folder, 'layer.tar');
    execFileSync('tar', ['--create', '--file', layer, '--directory', folder, 'models']);
    const name = `${around.registry}/${repository}/model:2`;
    execFileSync('crane', ['append', '--insecure', '--oci-empty-base', '-f', layer, '-t', name], {
      stdio: 'ignore',
    });
    return name;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
