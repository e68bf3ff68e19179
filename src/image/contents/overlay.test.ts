import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { Overlay } from './overlay.ts';
import type { RowKind, ScanRow } from './scan.ts';

const file = (path: string, size = 1): ScanRow => [path, 'file', size, ''];
const folder = (path: string): ScanRow => [path, 'folder', 0, ''];
const link = (path: string, target: string): ScanRow => [path, 'link', 0, target];
const hides = (path: string): ScanRow => [path, 'whiteout', 0, ''];
const empties = (path: string): ScanRow => [path, 'opaque', 0, ''];

function laid(...layers: readonly (readonly ScanRow[])[]): Overlay {
  const overlay = new Overlay();
  for (const [layer, rows] of layers.entries()) overlay.add({ rows, texts: {} }, layer);
  return overlay;
}

/** `path=size@layer` of files, `path>target` of links, `path/` of folders. */
function shown(overlay: Overlay): string[] {
  return [...overlay.files()].map(([path, { kind, size, layer, target }]) => {
    if (kind === 'folder') return `${path}/`;
    const leads = target === undefined ? '' : `>${target}`;
    return kind === 'link' ? `${path}${leads}` : `${path}=${size}@${layer}${leads}`;
  });
}

const cases: readonly { name: string; layers: readonly (readonly ScanRow[])[]; holds: readonly string[] }[] =
  [
    { name: 'files lie over one another', layers: [[file('a', 1)], [file('a', 2)]], holds: ['a=2@1'] },
    {
      name: 'folders are one',
      layers: [[file('d/a')], [folder('d'), file('d/b')]],
      holds: ['d/', 'd/a=1@0', 'd/b=1@1'],
    },
    { name: 'a file takes the place of a folder', layers: [[file('d/a')], [file('d')]], holds: ['d=1@1'] },
    {
      name: 'a folder takes the place of a file',
      layers: [[file('d')], [file('d/a')]],
      holds: ['d/', 'd/a=1@1'],
    },
    {
      name: 'a whiteout hides a file',
      layers: [[file('d/a'), file('d/b')], [hides('d/a')]],
      holds: ['d/', 'd/b=1@0'],
    },
    { name: 'a whiteout hides a folder', layers: [[file('d/a'), file('b')], [hides('d')]], holds: ['b=1@0'] },
    { name: 'a whiteout of nothing hides nothing', layers: [[file('a')], [hides('x/y')]], holds: ['a=1@0'] },
    {
      name: 'a whiteout hides nothing of its own layer, wherever it stands',
      layers: [[file('a', 1)], [file('a', 2), hides('a')]],
      holds: ['a=2@1'],
    },
    {
      name: 'an opaque folder has only what its own layer brings',
      layers: [
        [file('d/a'), file('d/e/f')],
        [file('d/b'), empties('d')],
      ],
      holds: ['d/', 'd/b=1@1'],
    },
    {
      name: 'what goes through a link of a folder lies where that leads',
      layers: [[link('lib', 'usr/lib'), folder('usr/lib')], [file('lib/x')]],
      holds: ['lib>usr/lib', 'usr/', 'usr/lib/', 'usr/lib/x=1@1'],
    },
    {
      name: 'a whiteout goes through a link of a folder',
      layers: [[link('lib', '/usr/lib'), file('usr/lib/x')], [hides('lib/x')]],
      holds: ['lib>/usr/lib', 'usr/', 'usr/lib/'],
    },
    {
      name: 'a link that leads up ends at the root',
      layers: [[link('l', '../../../d'), folder('d'), file('l/x')]],
      holds: ['l>../../../d', 'd/', 'd/x=1@0'],
    },
    {
      name: 'links in a circle lead nowhere',
      layers: [[link('a', 'b'), link('b', 'a'), file('a/x')]],
      holds: ['a>b', 'b>a'],
    },
    {
      name: 'a file of two names counts once',
      layers: [[file('a', 9), ['b', 'hard link', 0, 'a']]],
      holds: ['a=9@0', 'b=0@0>a'],
    },
    {
      name: 'a file whose first name is hidden counts by its second',
      layers: [[file('a', 9), ['b', 'hard link', 0, 'a'], ['c', 'hard link', 0, 'b']], [hides('a')]],
      holds: ['b=9@0', 'c=0@0>b'],
    },
    {
      name: 'a further name may be of a file of a lower layer',
      layers: [[file('a', 9)], [['b', 'hard link', 0, 'a'], hides('a')]],
      holds: ['b=0@1'],
    },
  ];

for (const { name, layers, holds } of cases)
  test(name, () => {
    assert.deepEqual(shown(laid(...layers)), holds);
  });

test('a path is found where its folders lead, its last name not followed', () => {
  const overlay = laid([link('lib', 'usr/lib'), file('usr/lib/x'), link('usr/lib/y', 'x')]);
  assert.equal(overlay.placeOf('/lib/x'), 'usr/lib/x');
  assert.equal(overlay.placeOf('lib/y'), 'usr/lib/y');
  assert.equal(overlay.placeOf('lib'), 'lib');
  for (const path of ['', '/', 'lib/z', 'usr/lib/x/y']) assert.equal(overlay.placeOf(path), undefined, path);
});

test('any rows are laid over one another: every path is found at its place, and below folders only', () => {
  const name = fc.constantFrom('a', 'b', 'c', '..', '__proto__');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'));
  const kind = fc.constantFrom<RowKind>('file', 'folder', 'link', 'hard link', 'whiteout', 'opaque');
  const row: fc.Arbitrary<ScanRow> = fc.tuple(path, kind, fc.nat(9), path);
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 3 }), layers => {
      const overlay = laid(...layers);
      const files = overlay.files();
      for (const [found] of files) {
        const above = found.split('/').slice(0, -1).join('/');
        if (above !== '') assert.equal(files.get(above)?.kind, 'folder');
        if (!found.split('/').includes('..')) assert.equal(overlay.placeOf(found), found);
      }
    }),
  );
});

test('a path of very many names is held and walked', () => {
  const path = Array.from({ length: 50_000 }, () => 'a').join('/');
  assert.equal(laid([file(path)]).files().size, 50_000);
});
