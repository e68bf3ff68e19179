import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import type { LayerEntry } from '../layer-entry.ts';
import type { WheelFile } from './installed.ts';
import { type Gathered, layerOf } from './layer.ts';
import { distInfoOf, placeOf } from './placing.ts';
import { withInterpreter } from './scripts.ts';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const interpreter = { path: '/usr/bin/python3.11', minor: 11, version: '3.11.2' };
const target = {
  python: interpreter,
  architecture: 'amd64',
  libc: { kind: 'glibc', major: 2, minor: 36 },
} as const;

/** A wheel as it is unpacked, of texts. */
function gathered(
  name: string,
  texts: Readonly<Record<string, string>>,
  metadata = '',
  programs: readonly string[] = [],
): Gathered {
  const distInfo = `${name}-1.0.dist-info`;
  const all = {
    [`${distInfo}/METADATA`]: `Name: ${name}\nVersion: 1.0\n${metadata}\n`,
    [`${distInfo}/WHEEL`]: 'Wheel-Version: 1.0\n',
    [`${distInfo}/RECORD`]: 'old',
    ...texts,
  };
  const files = Object.entries(all).map(
    ([path, text]): WheelFile => ({
      path,
      size: text.length,
      sha256: sha256(text),
      isProgram: programs.includes(path),
    }),
  );
  const read = new Map(Object.entries(all).map(([path, text]) => [path, Buffer.from(text)]));
  const locked = { name, version: '1.0', extras: [], sha256: ['0'.repeat(64)], line: 1 };
  return {
    locked,
    file: `${name}-1.0-py3-none-any.whl`,
    sha256: '0'.repeat(64),
    wheel: { folder: `/cache/${name}`, distInfo, files, read },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function entriesOf(...all: readonly Gathered[]): ReadonlyMap<string, LayerEntry> {
  const layer = layerOf(all, { file: 'requirements.lock', interpreter, target });
  assert.ok(layer.ok);
  assert.deepEqual(
    layer.value.entries.map(({ path }) => path),
    layer.value.entries.map(({ path }) => path).toSorted(),
  );
  return new Map(layer.value.entries.map(entry => [entry.path, entry]));
}

function textOf(entry: LayerEntry | undefined): string | undefined {
  return entry?.kind === 'file' && typeof entry.from !== 'string'
    ? Buffer.from(entry.from).toString()
    : undefined;
}

test("a wheel's data go where installers put them, and its scripts run the Python of the image", () => {
  const entries = entriesOf(
    gathered(
      'kit',
      {
        'kit/bin/tool': 'ELF',
        'kit-1.0.data/purelib/more.py': 'm',
        'kit-1.0.data/platlib/native.so': 'n',
        'kit-1.0.data/scripts/kit-run': '#!python -E\nprint(1)\n',
        'kit-1.0.data/scripts/kit-native': '\x7fELF',
        'kit-1.0.data/data/share/kit/x': 'x',
        'kit-1.0.data/headers/kit.h': 'h',
        'kit-1.0.dist-info/entry_points.txt':
          '[console_scripts]\nkit = kit.cli:main\nkit-sub = kit.cli:App.run [extra]\nbroken = kit.cli\n\n[gui_scripts]\nkit-gui=kit:gui\n[other]\nno = kit:no\n',
      },
      '',
      ['kit/bin/tool'],
    ),
  );
  const from = (path: string): unknown => {
    const entry = entries.get(path);
    return entry?.kind === 'file' ? [entry.from, entry.isProgram === true] : undefined;
  };
  assert.deepEqual(from(`${SITE}/kit/bin/tool`), ['/cache/kit/kit/bin/tool', true]);
  assert.deepEqual(from(`${SITE}/more.py`), ['/cache/kit/kit-1.0.data/purelib/more.py', false]);
  assert.deepEqual(from(`${SITE}/native.so`), ['/cache/kit/kit-1.0.data/platlib/native.so', false]);
  assert.deepEqual(from('opt/venv/share/kit/x'), ['/cache/kit/kit-1.0.data/data/share/kit/x', false]);
  assert.deepEqual(from('opt/venv/include/site/python3.11/kit/kit.h'), [
    '/cache/kit/kit-1.0.data/headers/kit.h',
    false,
  ]);
  assert.equal(textOf(entries.get('opt/venv/bin/kit-run')), '#!/opt/venv/bin/python -E\nprint(1)\n');
  assert.equal(textOf(entries.get('opt/venv/bin/kit-native')), '\x7fELF');
  assert.equal(
    textOf(entries.get('opt/venv/bin/kit')),
    '#!/opt/venv/bin/python\nimport sys\n\nfrom kit.cli import main\n\nsys.exit(main())\n',
  );
  assert.match(
    textOf(entries.get('opt/venv/bin/kit-sub')) ?? '',
    /from kit\.cli import App\n\nsys\.exit\(App\.run\(\)\)/,
  );
  const programs = [...entries.values()]
    .filter(entry => entry.kind === 'file' && entry.isProgram)
    .map(({ path }) => path);
  assert.deepEqual(
    programs,
    [
      `${SITE}/kit/bin/tool`,
      'opt/venv/bin/kit',
      'opt/venv/bin/kit-gui',
      'opt/venv/bin/kit-native',
      'opt/venv/bin/kit-run',
      'opt/venv/bin/kit-sub',
    ].toSorted(),
  );
});

test('the list of what is installed says where it lies now, and what it is', () => {
  const entries = entriesOf(gathered('kit', { 'kit/a,b.py': 'a', 'kit-1.0.data/scripts/run': '#!python\n' }));
  const record = textOf(entries.get(`${SITE}/kit-1.0.dist-info/RECORD`)) ?? '';
  const line = (path: string, text: string): string =>
    `${path},sha256=${Buffer.from(sha256(text), 'hex').toString('base64url')},${text.length}`;
  assert.deepEqual(record.split('\n'), [
    line('../../../bin/run', '#!/opt/venv/bin/python\n'),
    line('kit-1.0.dist-info/INSTALLER', 'fairlead\n'),
    line('kit-1.0.dist-info/METADATA', 'Name: kit\nVersion: 1.0\n\n'),
    line('kit-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\n'),
    line('"kit/a,b.py"', 'a'),
    'kit-1.0.dist-info/RECORD,,',
    '',
  ]);
});

test("what two wheels bring is the later one's by name, whatever came first", () => {
  const [a, b] = [gathered('a', { 'shared/__init__.py': 'a' }), gathered('b', { 'shared/__init__.py': 'b' })];
  const entry = entriesOf(a, b).get(`${SITE}/shared/__init__.py`);
  assert.ok(entry?.kind === 'file' && entry.from === '/cache/b/shared/__init__.py');
});

const needs: readonly {
  title: string;
  all: readonly Gathered[];
  extras?: readonly string[];
  problem: RegExp | undefined;
}[] = [
  {
    title: 'an extra that is asked for',
    all: [gathered('a', {}, "Requires-Dist: b; extra == 'Fast_IO'\n")],
    extras: ['fast-io'],
    problem: /^a 1\.0 needs b, which is not locked$/,
  },
  {
    title: 'an extra that nobody asks for',
    all: [gathered('a', {}, "Requires-Dist: b; extra == 'fast'\n")],
    problem: undefined,
  },
  {
    title: 'an extra that another package asks for',
    all: [
      gathered('a', {}, 'Requires-Dist: b[fast]\n'),
      gathered('b', {}, "Requires-Dist: b[more]; extra == 'fast'\nRequires-Dist: c>=2; extra == 'more'\n"),
    ],
    problem: /^b 1\.0 needs c>=2, which is not locked$/,
  },
  {
    title: 'what is for other machines',
    all: [gathered('a', {}, "Requires-Dist: b; sys_platform == 'win32'\n")],
    problem: undefined,
  },
  {
    title: 'what cannot be read',
    all: [gathered('a', {}, 'Requires-Dist: b (>=)\nRequires-Python: >=3.*\n')],
    problem: undefined,
  },
  {
    title: 'many things',
    all: [
      gathered('a', {}, ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(name => `Requires-Dist: ${name}\n`).join('')),
    ],
    problem: /a 1\.0 needs f, which is not locked, and 2 more$/,
  },
];

for (const { title, all, extras = [], problem } of needs)
  test(`what packages need is looked for: ${title}`, () => {
    const asked = all.map((one, at) => (at === 0 ? { ...one, locked: { ...one.locked, extras } } : one));
    const layer = layerOf(asked, { file: 'requirements.lock', interpreter, target });
    assert.equal(layer.ok, problem === undefined);
    if (!layer.ok && problem !== undefined) assert.match(layer.error.problem, problem);
  });

test('what a wheel holds for nobody known is refused', () => {
  const ground = { name: 'kit', version: '1.0', minor: 11, site: SITE };
  for (const [path, problem] of [
    ['kit-1.0.data/etc/x', "is data of the kind 'etc', which is put nowhere"],
    ['kit-1.0.data/constructor/x', "is data of the kind 'constructor', which is put nowhere"],
    ['other-1.0.data/data/x', 'is data of another package'],
    ['kit-1.0.data/data/pyvenv.cfg', 'would take the place of /opt/venv/pyvenv.cfg'],
    ['kit-1.0.data/data/bin', 'would take the place of /opt/venv/bin'],
    ['kit-1.0.data/scripts/python3.11', 'would take the place of /opt/venv/bin/python3.11'],
  ] as const)
    assert.deepEqual(placeOf(path, ground), { ok: false, error: problem });
});

test('the facts of a wheel are those of its own package, however that is spelt', () => {
  const of = (name: string, ...paths: string[]): unknown => distInfoOf(paths, { name, version: '1.0' });
  assert.deepEqual(of('my-kit', 'My.Kit-1.0.0.dist-info/METADATA', 'x.py'), {
    ok: true,
    value: 'My.Kit-1.0.0.dist-info',
  });
  assert.deepEqual(of('kit', 'other-1.0.dist-info/METADATA'), {
    ok: false,
    error: 'holds other-1.0.dist-info, which is of another package',
  });
  assert.deepEqual(of('kit', 'x.py'), {
    ok: false,
    error: 'has 0 folders of the kind .dist-info, and 1 is expected',
  });
});

test('only a script that asks for any Python is given one', () => {
  for (const [before, after] of [
    ['#!python\nx', '#!/opt/venv/bin/python\nx'],
    ['#!pythonw\r\nx', '#!/opt/venv/bin/python\r\nx'],
    ['#!python', '#!/opt/venv/bin/python'],
    ['#!python3\nx', '#!python3\nx'],
    ['#!/bin/sh\nx', '#!/bin/sh\nx'],
    ['', ''],
  ] as const)
    assert.equal(Buffer.from(withInterpreter(Buffer.from(before))).toString(), after);
});
