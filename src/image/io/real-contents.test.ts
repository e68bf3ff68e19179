/** Bases that people build on, read by us and by programs that know nothing of us. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { runtimesOf } from '../contents/runtimes.ts';
import { noRegistry, type RealBase, realBase } from '../fixtures/real-bases.ts';
import { contentsOf } from './contents.ts';

const run = promisify(execFile);
const options = { maxBuffer: 64 * 1024 * 1024 };

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-real-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The one layer of a base, as it was stored. */
async function archiveOf(
  t: TestContext,
  { layers: [layer, ...others] }: RealBase,
  folder: string,
): Promise<string> {
  assert.ok(layer !== undefined && others.length === 0, 'it has one layer');
  const path = join(folder, 'layer.tar.gz');
  // The connection uses its blocks again.
  const copies = Readable.from(layer.open(t.signal)).map((chunk: Uint8Array) => Buffer.from(chunk));
  await pipeline(copies, createWriteStream(path));
  return path;
}

for (const [image, id] of [
  ['node:24-bookworm-slim', 'debian'],
  ['python:3.11-slim-bookworm', 'debian'],
  ['debian:bookworm-slim', 'debian'],
  ['busybox:1', undefined],
] as const)
  test(`${image}: files, sizes and packages are what tar and its own database say`, {
    skip: noRegistry,
  }, async t => {
    const folder = await folderOf(t);
    const base = await realBase(t, image);
    const { files, packages, system } = await contentsOf(base.layers, { cache: folder, signal: t.signal });
    assert.equal(system?.id, id);
    const archive = await archiveOf(t, base, folder);
    const { stdout: listed } = await run('tar', ['-tvzf', archive, '--quoting-style=literal'], options);
    const rows = listed.split('\n').filter(line => line !== '' && !/ \.\/?$/.test(line));
    assert.equal(files.size, rows.length);
    const bytes = rows
      .filter(row => row.startsWith('-'))
      .reduce((sum, row) => sum + Number(row.split(/\s+/)[2]), 0);
    assert.equal(
      [...files.values()].reduce((sum, { size }) => sum + size, 0),
      bytes,
    );
    const own = packages.filter(({ kind }) => kind === 'deb');
    const status =
      id === undefined ? '' : (await run('tar', ['-xOzf', archive, './var/lib/dpkg/status'], options)).stdout;
    const script =
      '/^Package:/{p=$2} /^Status:/{s=$4} /^Architecture:/{a=$2} /^Version:/{v=$2} /^$/{if (s=="installed") print p, v, a; s=""}';
    const awk = run('awk', [script], options);
    awk.child.stdin?.end(`${status}\n`);
    const said = (await awk).stdout.split('\n').filter(line => line !== '');
    assert.deepEqual(
      own.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`).toSorted(),
      said.toSorted(),
    );
    const libc = own.find(({ name }) => name === 'libc6');
    assert.ok(
      id === undefined || (libc?.bytes ?? 0) > 5_000_000,
      'files are found through the links of /lib',
    );
    t.diagnostic(`${files.size} entries, ${packages.length} packages`);
  });

test('Node is known by its environment, with the bytes of its program', { skip: noRegistry }, async t => {
  const base = await realBase(t, 'node:24-bookworm-slim');
  const contents = await contentsOf(base.layers, { cache: await folderOf(t), signal: t.signal });
  const [node, ...others] = runtimesOf({ ...base, contents });
  assert.deepEqual([node?.name, others], ['node', []]);
  assert.ok((node?.bytes ?? 0) >= (contents.files.get('usr/local/bin/node')?.size ?? Number.NaN));
});
