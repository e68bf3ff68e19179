import assert from 'node:assert/strict';
import test from 'node:test';
import type { LayerEntry } from '../layer-entry.ts';
import { copiedLayer, copiedVariants } from './copied-layer.ts';

const file = (path: string): LayerEntry => ({ kind: 'file', path, from: new Uint8Array() });
const folder = (path: string): LayerEntry => ({ kind: 'folder', path });

const cases: readonly {
  name: string;
  entries: readonly LayerEntry[];
  target: string;
  paths: readonly string[];
}[] = [
  {
    name: 'files in one folder',
    entries: [file('models/d/2/a'), file('models/d/2/b/c')],
    target: '/models/d/2/',
    paths: ['x', 'x/a', 'x/b/c'],
  },
  {
    name: 'files in two folders',
    entries: [file('opt/a/x'), file('opt/b/y')],
    target: '/opt/',
    paths: ['x', 'x/a/x', 'x/b/y'],
  },
  {
    name: 'a file beside a folder',
    entries: [file('opt/fairlead/a'), file('etc/b')],
    target: '/',
    paths: ['x', 'x/opt/fairlead/a', 'x/etc/b'],
  },
  {
    name: 'folders that are told and lie around the files',
    entries: [folder('opt'), folder('opt/a'), file('opt/a/b')],
    target: '/opt/a/',
    paths: ['x', 'x/b'],
  },
  { name: 'an empty folder', entries: [folder('srv/data')], target: '/srv/', paths: ['x', 'x/data'] },
  {
    name: 'a name with a space',
    entries: [file('models/my model/1/a')],
    target: '/models/',
    paths: ['x', 'x/my model/1/a'],
  },
  {
    name: 'a name with a dollar',
    entries: [file('$HOME/a')],
    target: '/',
    paths: ['x', 'x/$HOME/a'],
  },
  { name: 'a hyphen in front', entries: [file('--from=a/b')], target: '/', paths: ['x', 'x/--from=a/b'] },
  {
    name: 'names that begin alike',
    entries: [file('ab/c'), file('abc/c')],
    target: '/',
    paths: ['x', 'x/ab/c', 'x/abc/c'],
  },
];

for (const { name, entries, target, paths } of cases) {
  test(`of ${name}, COPY says as much of the paths as is safe to say`, () => {
    const copied = copiedLayer('x', entries);
    assert.deepEqual([copied.target, copied.entries.map(({ path }) => path)], [target, paths]);
  });
}

test('platforms share the target that all of them have', () => {
  const copied = copiedVariants(
    'd',
    new Map([
      ['amd64', [file('opt/n/linux/x64/a.so')]],
      ['arm64', [file('opt/n/linux/arm64/a.so')]],
    ]),
    'TARGETARCH',
  );
  assert.deepEqual([copied.source, copied.target], ['d/${TARGETARCH}', '/opt/n/linux/']);
});

test('where a platform has nothing, nothing is made for it', () => {
  const copied = copiedVariants(
    'd',
    new Map([
      ['amd64', [file('opt/a')]],
      ['arm64', []],
    ]),
    'TARGETARCH',
  );
  assert.equal(copied.target, '/');
  assert.deepEqual(
    copied.entries.map(({ path }) => path),
    ['d/amd64', 'd/amd64/opt/a', 'd/arm64'],
  );
});
