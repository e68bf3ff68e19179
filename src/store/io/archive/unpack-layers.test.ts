import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { type TarEntry, tarOf } from '../../fixtures/tar.ts';
import { type Contents, placeOf } from '../../fixtures/unpacking.ts';
import type { Unpacking } from '../../source.ts';

const LAYER: Unpacking = { format: 'tar', isLayer: true };
const MODELS: Unpacking = { ...LAYER, below: 'models' };
const first: readonly TarEntry[] = [
  { name: 'd/a', body: 'old a' },
  { name: 'd/b', body: 'old b' },
  { name: 'd/e/c', body: 'old c' },
  { name: 'f', body: 'old f' },
];
const kept: Contents = { 'd/': '', 'd/a': 'old a', 'd/b': 'old b', 'd/e/': '', 'd/e/c': 'old c', f: 'old f' };

const without = (...paths: readonly string[]): Contents =>
  Object.fromEntries(Object.entries(kept).filter(([path]) => !paths.includes(path)));

const second: readonly { name: string; entries: readonly TarEntry[]; holds: Contents }[] = [
  { name: 'adds', entries: [{ name: 'g', body: 'new' }], holds: { ...kept, g: 'new' } },
  { name: 'replaces', entries: [{ name: 'd/a', body: 'new' }], holds: { ...kept, 'd/a': 'new' } },
  { name: 'removes a file', entries: [{ name: 'd/.wh.a' }], holds: without('d/a') },
  {
    name: 'removes a folder',
    entries: [{ name: '.wh.d' }],
    holds: without('d/', 'd/a', 'd/b', 'd/e/', 'd/e/c'),
  },
  {
    name: 'removes what is not there',
    entries: [{ name: 'x/.wh.y' }, { name: '.wh.f/' }],
    holds: without('f'),
  },
  {
    name: 'removes a folder and brings another one',
    entries: [{ name: '.wh.d' }, { name: 'd/new', body: 'n' }],
    holds: { ...without('d/a', 'd/b', 'd/e/', 'd/e/c'), 'd/new': 'n' },
  },
  {
    name: 'removes only what was there before it, in whatever order',
    entries: [{ name: 'd/new', body: 'n' }, { name: 'd/a', body: 'new' }, { name: '.wh.d' }],
    holds: { ...without('d/b', 'd/e/', 'd/e/c'), 'd/a': 'new', 'd/new': 'n' },
  },
  {
    name: 'empties a folder',
    entries: [{ name: 'd/new', body: 'n' }, { name: 'd/.wh..wh..opq' }],
    holds: { ...without('d/a', 'd/b', 'd/e/', 'd/e/c'), 'd/new': 'n' },
  },
  { name: 'empties all', entries: [{ name: '.wh..wh..opq' }, { name: 'n', body: 'n' }], holds: { n: 'n' } },
  { name: 'keeps house', entries: [{ name: '.wh..wh.plnk/1' }, { name: '.wh..wh.aufs' }], holds: kept },
  {
    name: 'puts a file for a folder',
    entries: [{ name: 'd', body: 'x' }],
    holds: { d: 'x', f: 'old f' },
  },
  {
    name: 'links to what is there',
    entries: [{ name: 'l', type: '2', target: '/d/a' }],
    holds: { ...kept, l: 'old a' },
  },
  {
    name: 'names a file again',
    entries: [{ name: 'l', type: '1', target: 'd/a' }],
    holds: { ...kept, l: 'old a' },
  },
];

for (const { name, entries, holds } of second) {
  test(`a layer over another ${name}`, async t => {
    const place = await placeOf(t);
    await place.unpack(tarOf(...first), LAYER);
    await place.unpack(tarOf(...entries), LAYER);
    assert.deepEqual(sorted(await place.contents()), sorted(holds));
  });
}

function sorted(contents: Contents): [string, string][] {
  return Object.entries(contents).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const system: readonly TarEntry[] = [
  { name: 'etc/passwd', body: 'root' },
  { name: 'dev/null', type: '3' },
  { name: 'run/p', type: '6' },
  { name: 'usr/odd\\x2dname', body: 'x' },
  { name: 'bin', type: '2', target: 'usr/bin' },
  { name: 'lib/l', type: '2', target: '../../../nowhere' },
  { name: 'lib/h', type: '1', target: '/nowhere' },
  { name: 'models-v2/no.onnx', body: 'no' },
];

test('of an image only the models are taken, and what lies elsewhere is let be', async t => {
  const place = await placeOf(t);
  await place.unpack(
    tarOf(...system, { name: 'models/', type: '5' }, { name: './models/1/m.onnx', body: 'm' }),
    MODELS,
  );
  assert.deepEqual(await place.contents(), { '1/': '', '1/m.onnx': 'm' });
});

test('a layer without models changes nothing', async t => {
  const place = await placeOf(t);
  await place.unpack(tarOf({ name: 'models/a', body: 'x' }), MODELS);
  await place.unpack(tarOf(...system), MODELS);
  assert.deepEqual(await place.contents(), { a: 'x' });
});

const removing: readonly { mark: string; holds: Contents }[] = [
  { mark: '.wh.models', holds: {} },
  { mark: '.wh..wh..opq', holds: {} },
  { mark: 'models/.wh..wh..opq', holds: {} },
  { mark: 'models/.wh.a', holds: { b: 'y' } },
  { mark: '.wh.models-v2', holds: { a: 'x', b: 'y' } },
  { mark: 'other/.wh.a', holds: { a: 'x', b: 'y' } },
  { mark: 'other/.wh..wh..opq', holds: { a: 'x', b: 'y' } },
];

for (const { mark, holds } of removing) {
  test(`of the models taken, ${mark} leaves ${Object.keys(holds).join(' and ') || 'nothing'}`, async t => {
    const place = await placeOf(t);
    await place.unpack(tarOf({ name: 'models/a', body: 'x' }, { name: 'models/b', body: 'y' }), MODELS);
    await place.unpack(tarOf({ name: mark }), MODELS);
    assert.deepEqual(await place.contents(), holds);
  });
}

test('links of the models may go up to the root and down again', async t => {
  const place = await placeOf(t);
  const links = [
    { name: 'models/l', type: '2', target: '/models/d/a' },
    { name: 'models/d/k', type: '2', target: '../../models/d/a' },
    { name: 'models/h', type: '1', target: 'models/d/a' },
  ];
  await place.unpack(tarOf({ name: 'models/d/a', body: 'x' }, ...links), MODELS);
  assert.deepEqual(await place.contents(), { 'd/': '', 'd/a': 'x', 'd/k': 'x', h: 'x', l: 'x' });
});

const refused: readonly { name: string; entries: readonly TarEntry[]; problem: RegExp }[] = [
  {
    name: 'a link of the models to what is not taken',
    entries: [
      { name: 'weights/a', body: 'x' },
      { name: 'models/a', type: '2', target: '../weights/a' },
    ],
    problem: /'a' is a link to 'weights', which is not there/,
  },
  {
    name: 'a link to the root',
    entries: [{ name: 'models/a', type: '2', target: '/' }],
    problem: /leads out of the folder 'models'/,
  },
  {
    name: 'a hard link to what is not taken',
    entries: [{ name: 'models/a', type: '1', target: 'etc/passwd' }],
    problem: /outside/,
  },
  {
    name: 'models that are a link',
    entries: [{ name: 'models', type: '2', target: 'weights' }],
    problem: /is a symbolic link, and should be a folder/,
  },
  { name: 'a mark that leads out', entries: [{ name: 'models/../.wh.a' }], problem: /leads out/ },
  { name: 'a mark for what is above', entries: [{ name: 'models/.wh...' }], problem: /removes no name/ },
  { name: 'a mark for no name', entries: [{ name: '.wh.' }], problem: /removes no name/ },
  {
    name: 'a device among the models',
    entries: [{ name: 'models/null', type: '3' }],
    problem: /is a device/,
  },
];

for (const { name, entries, problem } of refused) {
  test(`a layer is refused: ${name}`, async t => {
    const place = await placeOf(t);
    await assert.rejects(place.unpack(tarOf(...entries), MODELS), {
      code: 'archive_invalid',
      message: problem,
    });
    await place.contents();
  });
}

test('in an archive that is no layer, such marks are files', async t => {
  const place = await placeOf(t);
  await place.unpack(tarOf({ name: 'a', body: 'x' }, { name: '.wh.a', body: 'y' }), { format: 'tar' });
  assert.deepEqual(await place.contents(), { '.wh.a': 'y', a: 'x' });
});

test('a folder that already holds a link is not unpacked into', async t => {
  const place = await placeOf(t);
  await symlink('..', join(place.into, 'l'));
  await assert.rejects(place.unpack(tarOf({ name: 'l/secret', body: 'x' }), LAYER), {
    code: 'cache_unusable',
  });
});

test('a file of the folder that has another name elsewhere is replaced, not written to', async t => {
  const place = await placeOf(t);
  await place.unpack(tarOf({ name: 'a', body: 'x' }, { name: 'b', type: '1', target: 'a' }), LAYER);
  await place.unpack(tarOf({ name: 'b', body: 'other' }), LAYER);
  await writeFile(join(place.into, 'c'), '', { mode: 0o644 });
  assert.deepEqual(await place.contents(), { a: 'x', b: 'other', c: '' });
});
