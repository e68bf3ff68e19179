import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, rm, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { file, gathered, layerEntries, signal, unpackedTar } from '../../fixtures/layer-entries.ts';
import { folder, rejects } from '../../fixtures/scratch.ts';
import type { LayerEntry } from '../../layer-entry.ts';
import { type LayerTar, layerTar } from './layer-tar.ts';

const tarOf = (entries: readonly LayerEntry[], epoch = 0): LayerTar =>
  layerTar({ title: 'a layer', entries, packages: [] }, epoch);

/** What should be found: entries, and the folders above them. */
function expected(entries: readonly LayerEntry[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of entries) {
    const names = entry.path.split('/');
    for (const at of names.keys()) if (at > 0) found[`${names.slice(0, at).join('/')}/`] = 'folder ';
    if (entry.kind === 'folder') found[`${entry.path}/`] = 'folder ';
    if (entry.kind === 'link') found[entry.path] = `symbolic link ${entry.target}`;
    if (entry.kind === 'file') found[entry.path] = `file ${Buffer.from(entry.from).toString('hex')}`;
  }
  return found;
}

test("the store's reader finds the same files in a layer that were put in", async () => {
  await fc.assert(
    fc.asyncProperty(layerEntries, async entries => {
      const tar = tarOf(entries);
      const bytes = await gathered(tar.open(0, signal()));
      assert.equal(bytes.length, tar.size);
      assert.deepEqual(await unpackedTar(bytes), expected(entries));
    }),
    { numRuns: 100 },
  );
});

test('the bytes from any place on are the end of all of them', async () => {
  await fc.assert(
    fc.asyncProperty(layerEntries, fc.nat(), async (entries, place) => {
      const tar = tarOf(entries);
      const all = await gathered(tar.open(0, signal()));
      const start = place % (all.length + 1);
      assert.deepEqual(await gathered(tar.open(start, signal())), all.subarray(start));
    }),
    { numRuns: 50 },
  );
});

const noTar = hasTar() ? false : 'there is no tar on this machine';

test("the system's tar unpacks the same files", { skip: noTar }, async t => {
  const scratch = await folder(t);
  await fc.assert(
    fc.asyncProperty(layerEntries, async entries => {
      const into = await mkdtemp(join(scratch, 'unpacked-'));
      const tar = await gathered(tarOf(entries, 1_700_000_000).open(0, signal()));
      execFileSync('tar', ['-x', '-p', '--no-same-owner', '-C', into], { input: tar });
      assert.deepEqual(onDisk(into), expected(entries));
      for (const entry of entries) assert.equal(told(join(into, entry.path)), `${modeOf(entry)} 1700000000`);
    }),
    { numRuns: 15 },
  );
});

function hasTar(): boolean {
  try {
    return /GNU tar/.test(execFileSync('tar', ['--version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

function onDisk(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) found[`${name}/`] = 'folder ';
    else if (stat.isSymbolicLink()) found[name] = `symbolic link ${readlinkSync(path)}`;
    else found[name] = `file ${readFileSync(path).toString('hex')}`;
  }
  return found;
}

function told(path: string): string {
  const { mode, mtimeMs } = lstatSync(path);
  return `${(mode & 0o777).toString(8)} ${mtimeMs / 1000}`;
}

function modeOf(entry: LayerEntry): string {
  if (entry.kind === 'link') return '777';
  return entry.kind === 'folder' || entry.isProgram === true ? '755' : '644';
}

test('files on the disk are in it by their bytes, whatever their time and mode', async t => {
  const scratch = await folder(t);
  const path = join(scratch, 'model.onnx');
  await writeFile(path, Buffer.alloc(200_000, 'm'));
  const entries: readonly LayerEntry[] = [{ kind: 'file', path: 'models/a/1/model.onnx', from: path }];
  const before = await gathered(tarOf(entries).open(0, signal()));
  await chmod(path, 0o777);
  await utimes(path, 1, 1);
  assert.deepEqual(await gathered(tarOf(entries).open(0, signal())), before);
  assert.deepEqual(
    before,
    await gathered(tarOf([file('models/a/1/model.onnx', Buffer.alloc(200_000, 'm'))]).open(0, signal())),
  );
});

for (const size of [1000, 3_000_000]) {
  test(`a file of ${size} bytes that has grown or shrunk since it was looked at makes no layer`, async t => {
    const path = join(await folder(t), 'model');
    await writeFile(path, Buffer.alloc(size));
    const tar = tarOf([{ kind: 'file', path: 'a', from: path }]);
    for (const now of [size + 1, size - 1]) {
      await truncate(path, now);
      await rejects(
        gathered(tar.open(0, signal())),
        'image_invalid',
        new RegExp(`model: it had ${size} bytes, and now has ${now}; build again`),
      );
    }
  });

  test(`a file of ${size} bytes that is gone makes no layer`, async t => {
    const path = join(await folder(t), 'model');
    await writeFile(path, Buffer.alloc(size));
    const tar = tarOf([{ kind: 'file', path: 'a', from: path }]);
    await unlink(path);
    await rejects(gathered(tar.open(0, signal())), 'file_missing', /model: a file of the image is not there/);
  });
}

test('a file that shrinks while it is read makes no layer', async t => {
  const path = join(await folder(t), 'model');
  await writeFile(path, Buffer.alloc(5_000_000));
  const tar = tarOf([{ kind: 'file', path: 'a', from: path }]);
  const reading = tar.open(0, signal())[Symbol.asyncIterator]();
  await reading.next();
  await truncate(path, 1_000_000);
  const rest = gathered({ [Symbol.asyncIterator]: () => reading });
  await rejects(rest, 'image_invalid', /now ends after \d+; build again/);
});

test('what is no regular file is refused before it is read', async t => {
  const path = await folder(t);
  await rejects(
    (async () => tarOf([{ kind: 'file', path: 'a', from: path }]))(),
    'file_unreadable',
    /it is no regular file/,
  );
});

test('a path that cannot be in a layer is refused, with the layer', async () => {
  await rejects((async () => tarOf([file('../a')]))(), 'image_invalid', /^a layer: '\.\.\/a' is no path/);
});

test('reading ends with its signal', async t => {
  const path = join(await folder(t), 'model');
  await writeFile(path, Buffer.alloc(5_000_000));
  const control = new AbortController();
  const bytes = tarOf([{ kind: 'file', path: 'a', from: path }]).open(0, control.signal);
  const reading = bytes[Symbol.asyncIterator]();
  await reading.next();
  control.abort(new Error('enough'));
  await assert.rejects(gathered({ [Symbol.asyncIterator]: () => reading }), /enough/);
  await rm(path);
});
