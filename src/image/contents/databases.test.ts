import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { apksIn } from './apk.ts';
import { isDatabase } from './databases.ts';
import { debsIn } from './dpkg.ts';
import type { Installed } from './installed.ts';
import { npmsIn } from './npm.ts';
import { readOsRelease, systemIn } from './os-release.ts';
import { pypisIn } from './pypi.ts';

type Texts = Readonly<Record<string, string>>;

const STATUS = 'var/lib/dpkg/status';
const APKS = 'lib/apk/db/installed';
const SITE = 'usr/lib/python3/site-packages';
const CLICK = `${SITE}/click-8.1.7.dist-info`;

/** `name version`, then what else it says, then its paths. */
function shown({ package: one, paths, folder }: Installed): string {
  const { name, version, architecture, source, licence, supplier } = one;
  const from = source === undefined ? undefined : `from ${source.name} ${source.version}`;
  const said = [name, version, architecture, from, licence, supplier, ...paths, folder && `${folder}/`];
  return said.filter(part => part !== undefined).join(' ');
}

const cases: readonly {
  name: string;
  read: (texts: ReadonlyMap<string, string>) => Installed[];
  texts: Texts;
  holds: readonly string[];
}[] = [
  {
    name: 'dpkg: packages that are installed',
    read: debsIn,
    texts: {
      [STATUS]: [
        'Package: a\nStatus: install ok installed\nVersion: 1:2.0-1\nArchitecture: all\nDescription: x\n Version: 9\n .\n more',
        'Package: half\nStatus: install ok half-configured\nVersion: 1',
        'Package: gone\nStatus: deinstall ok config-files\nVersion: 1',
        'Package: held\nStatus: hold ok installed\nVersion: 2',
      ].join('\n\n'),
    },
    holds: ['a 1:2.0-1 all', 'held 2'],
  },
  {
    name: 'dpkg: what a package was built from, and who answers for it',
    read: debsIn,
    texts: {
      [STATUS]:
        'Package: b\nSource: c (1.0)\nVersion: 1.0+b1\nMaintainer: M <m@x>\n\nPackage: d\nSource: e\nVersion: 3\n\nPackage: f\nSource: f\nVersion: 4\n',
    },
    holds: ['b 1.0+b1 from c 1.0 M <m@x>', 'd 3 from e 3', 'f 4'],
  },
  {
    name: 'dpkg: files, of one machine before those of any',
    read: debsIn,
    texts: {
      [STATUS]: 'Package: l\nVersion: 1\nArchitecture: amd64\n\nPackage: m\nVersion: 1\nArchitecture: all',
      'var/lib/dpkg/info/l:amd64.list': '/.\n/lib\n/lib/l so\n',
      'var/lib/dpkg/info/l.list': '/other',
      'var/lib/dpkg/info/m.list': '/m',
    },
    holds: ['l 1 amd64 /lib /lib/l so', 'm 1 all /m'],
  },
  {
    name: 'dpkg without itself: a file for each package, and its sums',
    read: debsIn,
    texts: {
      'var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\n',
      'var/lib/dpkg/status.d/tzdata.md5sums':
        'd41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC\nno sum\n',
    },
    holds: ['tzdata 2024a-0+deb12u1 all usr/share/zoneinfo/UTC'],
  },
  {
    name: 'dpkg: nothing of what is none',
    read: debsIn,
    texts: { [STATUS]: 'Package:\nVersion: 1\n\n\n\u0000' },
    holds: [],
  },
  {
    name: 'apk: packages with their files',
    read: apksIn,
    texts: {
      [APKS]:
        'C:Q1x\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nm:T <t@a>\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nR:libc.so\n\nP:ssl_client\nV:1.36-r2\nA:x86_64\no:busybox\nL:GPL-2.0-only AND Odd\nF:usr/bin\nR:ssl_client\n\n',
    },
    holds: [
      'musl 1.2.5-r0 x86_64 MIT T <t@a> lib/ld-musl-x86_64.so.1 lib/libc.so',
      'ssl_client 1.36-r2 x86_64 from busybox 1.36-r2 usr/bin/ssl_client',
    ],
  },
  {
    name: 'apk: where it lies since Alpine 3.22',
    read: apksIn,
    texts: { [`usr/${APKS}`]: 'P:a\nV:1\n' },
    holds: ['a 1'],
  },
  {
    name: 'apk: nothing without a version',
    read: apksIn,
    texts: { [APKS]: 'P:a\n\nV:1\n\nP:\nV:2' },
    holds: [],
  },
  {
    name: 'npm: packages, of an owner and within another one too',
    read: npmsIn,
    texts: {
      'app/node_modules/a/package.json':
        '{"name":"a","version":"1.0.0","license":"ISC","author":"A B <a@b> (https://b)"}',
      'app/node_modules/a/node_modules/@o/b/package.json':
        '{"name":"@o/b","version":"2.0.0","license":{"type":"MIT"},"author":{"name":"C"}}',
    },
    holds: [
      'a 1.0.0 ISC A B <a@b> app/node_modules/a/',
      '@o/b 2.0.0 C app/node_modules/a/node_modules/@o/b/',
    ],
  },
  {
    name: 'npm: nothing of what is none',
    read: npmsIn,
    texts: {
      'node_modules/a/package.json': '{"name":"a"}',
      'node_modules/b/package.json': '[]',
      'node_modules/c/package.json': '{"type":"module"',
      'node_modules/d/package.json': 'null',
    },
    holds: [],
  },
  {
    name: 'pypi: packages with what is recorded of them',
    read: pypisIn,
    texts: {
      [`${CLICK}/METADATA`]:
        'Metadata-Version: 2.1\r\nName: Click_Plus\r\nVersion: 8.1.7\r\nLicense: BSD-3-Clause\r\nAuthor: P\r\n\r\nName: other\r\n',
      [`${CLICK}/RECORD`]:
        'click/__init__.py,sha256=x,10\n"click/a ""b"",c.py",,\n../../../bin/click,sha256=y,3\n/abs,,\n',
    },
    holds: [
      `click-plus 8.1.7 BSD-3-Clause P ${SITE}/click/__init__.py ${SITE}/click/a "b",c.py usr/bin/click /abs ${CLICK}/`,
    ],
  },
  {
    name: 'pypi: one without a record has its folder',
    read: pypisIn,
    texts: { [`${CLICK}/METADATA`]: 'Name: click\nVersion: 8' },
    holds: [`click 8 ${CLICK}/`],
  },
];

for (const { name, read, texts, holds } of cases)
  test(name, () => {
    assert.deepEqual(read(new Map(Object.entries(texts))).map(shown), holds);
  });

const systems: readonly (readonly [string, string, object])[] = [
  ['in quotes', 'NAME="x"\nID="rocky"\nVERSION_ID="9.3"\n', { id: 'rocky', version: '9.3' }],
  ['in single quotes', "ID='alpine'\nVERSION_ID=3.20.1", { id: 'alpine', version: '3.20.1' }],
  ['bare, with spaces behind', 'ID=debian \nVERSION_ID=12\t\n', { id: 'debian', version: '12' }],
  ['without a version', 'ID=arch\nBUILD_ID=rolling\n', { id: 'arch', version: '' }],
  [
    'of a variant',
    'VARIANT_ID=x\nID_LIKE=debian\nID=ubuntu\nVERSION_ID="22.04"',
    { id: 'ubuntu', version: '22.04' },
  ],
  ['that says nothing, as the standard has it', '', { id: 'linux', version: '' }],
];

for (const [name, text, system] of systems)
  test(`a system is told: ${name}`, () => assert.deepEqual(readOsRelease(text), system));

test('the system of an image is that of /etc before that of /usr, and none without both', () => {
  const [own, vendor] = [['etc/os-release', 'ID=a'] as const, ['usr/lib/os-release', 'ID=b'] as const];
  assert.equal(systemIn(new Map([vendor, own]))?.id, 'a');
  assert.equal(systemIn(new Map([vendor]))?.id, 'b');
  assert.equal(systemIn(new Map()), undefined);
});

const databases: readonly (readonly [string, boolean])[] = [
  [STATUS, true],
  ['var/lib/dpkg/status-old', false],
  ['var/lib/dpkg/status.d/libc6', true],
  ['var/lib/dpkg/info/libc6:amd64.list', true],
  ['var/lib/dpkg/info/libc6:amd64.md5sums', false],
  [APKS, true],
  ['usr/lib/apk/db/installed', true],
  ['etc/os-release', true],
  ['usr/local/lib/node_modules/npm/package.json', true],
  ['usr/local/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json', true],
  ['usr/local/lib/node_modules/npm/lib/package.json', false],
  ['usr/local/lib/node_modules/@npmcli/package.json', false],
  [`${CLICK}/METADATA`, true],
  [`${CLICK}/RECORD`, true],
  [`${CLICK}/WHEEL`, false],
  ['.dist-info/METADATA', false],
];

for (const [path, is] of databases)
  test(`${path} is ${is ? 'read' : 'not read'}`, () => assert.equal(isDatabase(path), is));

test('whatever the databases say, they are read', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'Package: a',
      'Version: 1',
      'Source: b (',
      'Status: installed',
      'P:a',
      'V:1',
      'F:',
      'R:x',
      '{"name":"a",',
    ),
    fc.constantFrom('Name: a', 'License: (', 'ID="', "ID='", 'VERSION_ID', '"a', '../../..', ' x', '', '\r'),
    fc.string(),
  );
  const text = fc.array(line).map(lines => lines.join('\n'));
  fc.assert(
    fc.property(text, fc.string(), (one, path) => {
      for (const read of [debsIn, apksIn, npmsIn, pypisIn])
        for (const at of [STATUS, APKS, `${path}/package.json`, `${CLICK}/METADATA`]) {
          const found = read(
            new Map([
              [at, one],
              [`${CLICK}/RECORD`, one],
            ]),
          );
          for (const {
            package: { name, version },
          } of found)
            assert.ok(name !== '' && version !== '');
        }
      readOsRelease(one);
    }),
  );
});
