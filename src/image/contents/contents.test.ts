import assert from 'node:assert/strict';
import test from 'node:test';
import type { BaseImage } from '../base-image.ts';
import { contentsFrom } from './contents.ts';
import { runtimesOf } from './runtimes.ts';
import type { LayerScan, ScanRow } from './scan.ts';

function scanOf(files: Readonly<Record<string, string | number>>, ...more: readonly ScanRow[]): LayerScan {
  const rows = Object.entries(files).map(
    ([path, text]): ScanRow => [path, 'file', typeof text === 'number' ? text : text.length, ''],
  );
  const texts = Object.entries(files).filter(([, text]) => typeof text === 'string');
  return { rows: [...rows, ...more], texts: Object.fromEntries(texts) as Record<string, string> };
}

const MODULES = 'usr/local/lib/node_modules';
const npm = (name: string, version = '1.0.0'): string => JSON.stringify({ name, version });
const owners = ({ files }: ReturnType<typeof contentsFrom>): Record<string, string | undefined> =>
  Object.fromEntries(
    [...files].filter(([, { kind }]) => kind === 'file').map(([path, { owner }]) => [path, owner]),
  );

test('a package of npm owns its folder, but what lies in that of another one', () => {
  const found = contentsFrom([
    scanOf({
      [`${MODULES}/a/package.json`]: npm('a'),
      [`${MODULES}/a/lib/x.js`]: 100,
      [`${MODULES}/a/node_modules/b/package.json`]: npm('b'),
      [`${MODULES}/a/node_modules/b/x.js`]: 1000,
    }),
  ]);
  assert.deepEqual(
    found.packages.map(({ name, bytes }) => [name, bytes]),
    [
      ['a', 100 + npm('a').length],
      ['b', 1000 + npm('b').length],
    ],
  );
  assert.equal(found.files.get(`${MODULES}/a/lib/x.js`)?.owner, 'npm:a');
  assert.equal(found.files.get(`${MODULES}/a/node_modules/b/x.js`)?.owner, 'npm:b');
});

test('a package in two places counts once with all its bytes, and in two versions twice', () => {
  const { packages } = contentsFrom([
    scanOf({
      [`${MODULES}/a/package.json`]: npm('a'),
      [`x/${MODULES}/a/package.json`]: npm('a'),
      [`y/${MODULES}/a/package.json`]: npm('a', '2.0.0'),
    }),
  ]);
  assert.deepEqual(
    packages.map(({ version, bytes }) => [version, bytes]),
    [
      ['1.0.0', 2 * npm('a').length],
      ['2.0.0', npm('a').length],
    ],
  );
});

test('a package of Python that the system installed is the system’s', () => {
  const found = contentsFrom([
    scanOf({
      'var/lib/dpkg/status': 'Package: python3-six\nVersion: 1.16-1\nArchitecture: all\n',
      'var/lib/dpkg/info/python3-six.list':
        '/usr/lib/six.py\n/usr/lib/six-1.16.dist-info/METADATA\n/usr/lib/six-1.16.dist-info\n',
      'usr/lib/six.py': 30,
      'usr/lib/six-1.16.dist-info/METADATA': 'Name: six\nVersion: 1.16\n',
      'opt/venv/lib/six-1.17.dist-info/METADATA': 'Name: six\nVersion: 1.17\n',
    }),
  ]);
  assert.deepEqual(
    found.packages.map(({ kind, name, version }) => `${kind} ${name} ${version}`),
    ['deb python3-six 1.16-1', 'pypi six 1.17'],
  );
  assert.equal(owners(found)['usr/lib/six-1.16.dist-info/METADATA'], 'deb:python3-six');
});

test('what a later layer says is installed counts, and nothing of what it hides', () => {
  const lower = scanOf({
    'var/lib/dpkg/status': 'Package: a\nVersion: 1\n',
    'var/lib/dpkg/info/a.list': '/a\n',
    a: 5,
    'm/node_modules/n/package.json': npm('n'),
  });
  const upper = scanOf({ 'var/lib/dpkg/status': 'Package: a\nVersion: 2\n', a: 7 }, [
    'm/node_modules',
    'whiteout',
    0,
    '',
  ]);
  const { packages, files } = contentsFrom([lower, upper]);
  assert.deepEqual(
    packages.map(({ name, version, bytes }) => [name, version, bytes]),
    [['a', '2', 7]],
  );
  assert.deepEqual(files.get('a'), { kind: 'file', size: 7, layer: 1, owner: 'deb:a' });
});

test('of two packages that claim one file the first has it, and nobody a folder', () => {
  const { packages, files } = contentsFrom([
    scanOf(
      {
        'var/lib/dpkg/status': 'Package: a\nVersion: 1\n\nPackage: b\nVersion: 1\n',
        'var/lib/dpkg/info/a.list': '/d\n/d/x\n',
        'var/lib/dpkg/info/b.list': '/d\n/d/x\n/gone\n',
        'd/x': 3,
      },
      ['d', 'folder', 0, ''],
    ),
  ]);
  assert.deepEqual(
    packages.map(({ name, bytes }) => [name, bytes]),
    [
      ['a', 3],
      ['b', 0],
    ],
  );
  assert.equal(files.get('d')?.owner, undefined);
});

function baseWith(
  env: readonly string[],
  files: Readonly<Record<string, number>>,
): Parameters<typeof runtimesOf>[0] {
  const config: BaseImage['config'] = {
    architecture: 'amd64',
    os: 'linux',
    config: { Env: env },
    rootfs: { type: 'layers', diff_ids: [] },
  };
  return { config, contents: contentsFrom([scanOf(files)]) };
}

const runtimes: readonly (readonly [
  string,
  readonly string[],
  Readonly<Record<string, number>>,
  readonly string[],
])[] = [
  [
    'Node, with its headers',
    ['PATH=/usr/bin', 'NODE_VERSION=24.1.0'],
    { 'usr/local/bin/node': 100, 'usr/local/include/node/v8.h': 20, 'usr/local/bin/yarn': 7 },
    ['node 24.1.0 120'],
  ],
  [
    'Python, with its library',
    ['PYTHON_VERSION=3.11.9'],
    { 'usr/local/bin/python3.11': 10, 'usr/local/lib/python3.11/os.py': 5, 'usr/local/lib/x': 3 },
    ['python 3.11.9 15'],
  ],
  ['a variable without a program', ['NODE_VERSION=24.1.0', 'PYTHON_VERSION=3.11.9'], { a: 1 }, []],
  ['a program without a variable', [], { 'usr/local/bin/node': 100 }, []],
  ['a variable that says nothing', ['NODE_VERSION=', 'NODE_VERSION'], { 'usr/local/bin/node': 100 }, []],
];

for (const [name, env, files, holds] of runtimes)
  test(`a runtime that no package manager knows is told by the environment: ${name}`, () => {
    const found = runtimesOf(baseWith(env, files));
    assert.deepEqual(
      found.map(one => `${one.name} ${one.version} ${one.bytes}`),
      holds,
    );
  });
