/** An image with nothing but a model in it, for an image volume. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Build } from './image.ts';

/** What a node pulls it by. */
export function modelImage({ around, repository }: Build, model: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-model-image-'));
  try {
    copyFileSync(model, join(folder, basename(model)));
    const layer = join(folder, 'layer.tar');
    execFileSync('tar', ['--create', '--file', layer, '--directory', folder, basename(model)]);
    const name = `${around.registry}/${repository}/model:2`;
    execFileSync('crane', ['append', '--insecure', '--oci-empty-base', '-f', layer, '-t', name], {
      stdio: 'ignore',
    });
    return name;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
