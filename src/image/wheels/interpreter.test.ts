import assert from 'node:assert/strict';
import test from 'node:test';
import { contentsOf, type PythonBase, pythonBase } from '../fixtures/python-base.ts';
import { followed } from './followed.ts';
import { interpreterOf } from './interpreter.ts';
import { libcOf } from './libc.ts';

const cases: readonly { title: string; base: PythonBase; path: string; version: string }[] = [
  { title: "Docker's image of Python", base: {}, path: '/usr/local/bin/python3.11', version: '3.11.13' },
  {
    title: 'Debian with its package',
    base: {
      env: [],
      files: ['bin -> usr/bin', 'usr/bin/python3 -> python3.11', 'usr/bin/python3.11'],
      packages: [{ kind: 'deb', name: 'python3.11', version: '3.11.2-6+deb12u6' }],
    },
    path: '/usr/bin/python3.11',
    version: '3.11.2',
  },
  {
    title: 'Alpine, whose package has no version in its name',
    base: {
      env: [],
      files: ['usr/bin/python3 -> python3.12', 'usr/bin/python3.12'],
      packages: [{ kind: 'apk', name: 'python3', version: '3.12.10-r1' }],
    },
    path: '/usr/bin/python3.12',
    version: '3.12.10',
  },
  {
    title: 'a program without a version in its name, beside its library',
    base: {
      env: ['PATH=/opt/py/bin'],
      files: ['opt/py/bin/python3', 'opt/py/lib/python3.13/os.py'],
      packages: [],
    },
    path: '/opt/py/bin/python3',
    version: '3.13.0',
  },
  {
    title: 'several programs and no python3: the newest',
    base: {
      env: [],
      files: ['usr/bin/python3.9', 'usr/bin/python3.10', 'usr/bin/python3.10-config'],
      packages: [],
    },
    path: '/usr/bin/python3.10',
    version: '3.10.0',
  },
  {
    title: 'links over folders and alternatives',
    base: {
      env: [],
      files: [
        'usr/bin/python3 -> /etc/alternatives/py',
        'etc/alternatives/py -> ../../usr/libexec/python3.11',
        'usr/libexec -> /opt/real',
        'opt/real/python3.11',
      ],
      packages: [],
    },
    path: '/opt/real/python3.11',
    version: '3.11.0',
  },
  {
    title: 'a variable of another version, which is not believed',
    base: {
      env: ['PYTHON_VERSION=3.9.1'],
      files: ['usr/bin/python3 -> python3.11', 'usr/bin/python3.11'],
      packages: [],
    },
    path: '/usr/bin/python3.11',
    version: '3.11.0',
  },
];

for (const { title, base, path, version } of cases)
  test(`the Python of a base is found: ${title}`, () => {
    const found = interpreterOf(pythonBase(base));
    assert.ok(found.ok);
    assert.deepEqual(
      [found.value.path, found.value.version, `3.${found.value.minor}`],
      [path, version, version.replace(/\.\d+$/, '')],
    );
  });

const without: readonly { title: string; files: readonly string[]; problem: RegExp }[] = [
  { title: 'no Python', files: ['usr/bin/node'], problem: /^it has no Python 3 where its PATH leads/ },
  { title: 'a link that leads nowhere', files: ['usr/bin/python3 -> python3.11'], problem: /no Python 3/ },
  { title: 'a link that leads to itself', files: ['usr/bin/python3 -> python3'], problem: /no Python 3/ },
  { title: 'Python 2', files: ['usr/bin/python2.7', 'usr/bin/python -> python2.7'], problem: /no Python 3/ },
  {
    title: 'a Python that is too old',
    files: ['usr/bin/python3 -> python3.6', 'usr/bin/python3.6'],
    problem: /its Python is 3\.6/,
  },
];

for (const { title, files, problem } of without)
  test(`a base with ${title} has none to install for`, () => {
    const found = interpreterOf(pythonBase({ env: [], files, packages: [] }));
    assert.ok(!found.ok);
    assert.match(found.error, problem);
  });

test('links are followed as Linux follows them, and in no circle', () => {
  const contents = contentsOf(['a/b -> ../c', 'c/d -> /e', 'e', 'x -> y', 'y -> x', 'up -> ../../../e']);
  assert.equal(followed('/a/b/d', contents), 'e');
  assert.equal(followed('up', contents), 'e');
  assert.equal(followed('x', contents), undefined);
  assert.equal(followed('a/nothing', contents), undefined);
});

const libraries: readonly { title: string; base: PythonBase; libc: string | undefined }[] = [
  {
    title: 'Debian',
    base: { packages: [{ kind: 'deb', name: 'libc6', version: '2.36-9+deb12u10' }] },
    libc: 'glibc 2.36',
  },
  {
    title: 'Alpine',
    base: { packages: [{ kind: 'apk', name: 'musl', version: '1.2.5-r0' }] },
    libc: 'musl 1.2',
  },
  {
    title: 'Wolfi',
    base: { packages: [{ kind: 'apk', name: 'glibc', version: '2.41-r5' }] },
    libc: 'glibc 2.41',
  },
  {
    title: 'an older file with its version',
    base: { packages: [], files: ['usr/lib64/libc-2.28.so'] },
    libc: 'glibc 2.28',
  },
  {
    title: 'a file without its version',
    base: { packages: [], files: ['usr/lib64/libc.so.6'] },
    libc: 'glibc 2.17',
  },
  {
    title: 'musl without its package',
    base: { packages: [], files: ['lib/ld-musl-x86_64.so.1'] },
    libc: 'musl 1.1',
  },
  { title: 'nothing', base: { packages: [], files: ['bin/busybox'] }, libc: undefined },
];

for (const { title, base, libc } of libraries)
  test(`the C library of a base is told by ${title}`, () => {
    const found = libcOf(pythonBase(base).contents);
    assert.equal(found === undefined ? undefined : `${found.kind} ${found.major}.${found.minor}`, libc);
  });
