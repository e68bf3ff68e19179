/** What an image would hold, laid out in a folder of this machine, so that its program can be run without an image. */
import { chmodSync, cpSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LayerFiles, Recipe } from '#image';

/** All layers but those of its base, for this machine's platform. */
export function layersOf(recipe: Recipe): readonly LayerFiles[] {
  const { dependencies, program, settings, models } = recipe;
  const platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';
  return [dependencies?.(platform), program, settings, ...models].filter(layer => layer !== undefined);
}

export function stage(recipe: Recipe, root: string): void {
  for (const entry of layersOf(recipe).flatMap(({ entries }) => entries)) {
    const path = join(root, entry.path);
    mkdirSync(entry.kind === 'folder' ? path : dirname(path), { recursive: true });
    if (entry.kind === 'link') symlinkSync(entry.target, path);
    if (entry.kind !== 'file') continue;
    if (typeof entry.from === 'string') cpSync(entry.from, path, { dereference: true });
    else writeFileSync(path, entry.from);
    chmodSync(path, entry.isProgram ? 0o755 : 0o644);
    if (!statSync(path).isFile()) throw new Error(`${entry.path} is no file`);
  }
}

/** A command or variable of the image, for where it is laid out: its absolute paths are those of that folder. */
export function movedTo(root: string, text: string): string {
  const node = text === '/usr/local/bin/node' ? process.execPath : text;
  return node.replaceAll(/(?<=^|["=])\/(?=(?:models|opt|etc\/fairlead)\b)/g, () => `${root}/`);
}
