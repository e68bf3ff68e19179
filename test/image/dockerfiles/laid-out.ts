/** An image in an OCI layout of a folder, read with nothing of fairlead's. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { Node, Tree } from '../../../src/image/docker/fixtures/tree.ts';

export interface LaidOut {
  /** Those over the base's. */
  readonly layers: readonly Tree[];
  readonly config: Readonly<{
    Env: readonly string[];
    Labels?: Readonly<Record<string, string>>;
    ExposedPorts?: object;
    User?: string;
    StopSignal?: string;
    WorkingDir?: string;
    Entrypoint?: readonly string[];
    Cmd?: readonly string[] | null;
  }>;
}

/** The one image there, on a base of so many layers. Bytes are as `treeOf` has them: in base 64. */
export async function readImage(folder: string, ofBase: number): Promise<LaidOut> {
  const [top] = pointers(json(join(folder, 'index.json'))['manifests']);
  const found = json(blob(folder, top?.digest ?? ''));
  // An index, where there are attestations beside the image.
  const [image] = pointers(found['manifests']);
  const manifest = image === undefined ? found : json(blob(folder, image.digest));
  const { config, layers } = manifest as { config: Pointer; layers: unknown };
  const own = pointers(layers).slice(ofBase);
  return {
    layers: await Promise.all(own.map(layer => treeIn(blob(folder, layer.digest)))),
    config: json(blob(folder, config.digest))['config'] as LaidOut['config'],
  };
}

interface Pointer {
  readonly digest: string;
}

function pointers(list: unknown): readonly Pointer[] {
  return Array.isArray(list) ? (list as Pointer[]) : [];
}

function json(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

function blob(folder: string, digest: string): string {
  return join(folder, 'blobs', ...digest.split(':'));
}

async function treeIn(path: string): Promise<Tree> {
  const tree = new Map<string, Node>();
  const unpacked = extract();
  unpacked.end(gunzipSync(readFileSync(path)));
  for await (const entry of unpacked) {
    const bytes = await buffer(entry);
    const { name, type, mode, linkname, uid, gid } = entry.header;
    assert.deepEqual([uid, gid], [0, 0], `${name} is not root's`);
    tree.set(name.replace(/\/$/u, ''), nodeOf(type, { mode, linkname, bytes }));
  }
  return tree;
}

function nodeOf(
  type: Header['type'],
  { mode, linkname, bytes }: { mode: number; linkname: Header['linkname']; bytes: Buffer },
): Node {
  if (type === 'directory') return { kind: 'folder', mode };
  if (type === 'symlink') return { kind: 'link', target: linkname ?? '' };
  assert.equal(type, 'file');
  return { kind: 'file', mode, bytes: bytes.toString('base64') };
}
