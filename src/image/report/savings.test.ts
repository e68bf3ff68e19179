import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { contentsFrom } from '../contents/contents.ts';
import { type MadeUp, type MadeUpLayer, reported } from '../fixtures/reported-image.ts';
import { reportOf } from './report.ts';
import type { Saving } from './savings.ts';
import { reportText } from './text.ts';

const MB = 1e6;
const site = 'opt/venv/lib/python3.11/site-packages';
const stdlib = 'usr/local/lib/python3.11';

const savingsOf = (made: MadeUp): readonly Saving[] =>
  reportOf(reported(made)).platforms.flatMap(({ savings }) => savings);

/** Files that are to be told of, others that are not, and what is to be said. */
interface Case {
  readonly id: string;
  readonly spare: Readonly<Record<string, number>>;
  readonly kept?: Readonly<Record<string, number>>;
  /** Over the base; without, all is the base's. */
  readonly role?: MadeUpLayer['role'];
  readonly made?: MadeUp;
  readonly says: RegExp;
}

const nodeBase: MadeUp = { env: ['NODE_VERSION=24.1.0'] };

const cases: readonly Case[] = [
  {
    id: 'node-tools',
    made: nodeBase,
    spare: {
      'usr/local/lib/node_modules/npm/lib/npm.js': 12 * MB,
      'usr/local/include/node/v8.h': 9 * MB,
      'opt/yarn-v1.22.22/lib/cli.js': 5 * MB,
    },
    kept: { 'usr/local/bin/node': 120 * MB, 'usr/local/bin/tool': 3 * MB },
    says: /^--base r\.example\/library\/debian:bookworm-slim --node r\.example\/library\/node:24-bookworm-slim$/,
  },
  {
    id: 'node-tools',
    made: { ...nodeBase, base: { repository: 'acme/serving' } },
    spare: { 'usr/local/lib/node_modules/npm/lib/npm.js': 12 * MB },
    kept: { 'usr/local/bin/node': 120 * MB },
    says: /rm -r \/usr\/local\/lib\/node_modules$/,
  },
  {
    id: 'caches',
    spare: { 'var/lib/apt/lists/deb.debian.org_main': 18 * MB, 'var/cache/apt/pkgcache.bin': 4 * MB },
    kept: { 'var/lib/dpkg/status': 3 * MB },
    says: /rm -r \/var\/lib\/apt\/lists \/var\/cache$/,
  },
  {
    id: 'build-tools',
    made: { base: { repository: 'library/python', tag: '3.11-bookworm' } },
    spare: { 'usr/bin/gcc-12 deb:gcc-12': 30 * MB, 'usr/include/stdio.h deb:libc6-dev': 2 * MB },
    kept: { 'lib/libgcc_s.so deb:libgcc-s1': 3 * MB },
    says: /^--base r\.example\/library\/python:3\.11-slim-bookworm$/,
  },
  {
    id: 'build-tools',
    spare: { 'usr/bin/git deb:git': 30 * MB },
    says: /apt-get purge -y git$/,
  },
  {
    id: 'perl',
    spare: { 'usr/share/perl/x.pm deb:perl-modules-5.36': 17 * MB, 'usr/lib/p.so deb:libperl5.36': 4 * MB },
    kept: { 'usr/bin/perl deb:perl-base': 4 * MB },
    says: /apt-get purge -y libperl5\.36 perl-modules-5\.36$/,
  },
  {
    id: 'symbols',
    spare: { 'usr/lib/debug/a.debug': 2 * MB },
    kept: { 'usr/lib/a.so': 9 * MB },
    says: /\/usr\/lib\/debug/,
  },
  {
    id: 'pip',
    spare: { [`${stdlib}/site-packages/pip/_vendor/x.py`]: 9 * MB },
    kept: { [`${stdlib}/site-packages/piper/x.so`]: 9 * MB },
    says: /rm -r \/usr\/local\/lib\/python3\.11\/site-packages\/pip$/,
  },
  {
    id: 'stdlib',
    spare: { [`${stdlib}/test/test_a.py`]: 20 * MB, [`${stdlib}/idlelib/a.py`]: 2 * MB },
    kept: { [`${stdlib}/json/decoder.py`]: 2 * MB },
    says: /rm -r \/usr\/local\/lib\/python3\.11\/idlelib \/usr\/local\/lib\/python3\.11\/test$/,
  },
  {
    id: 'static-libraries',
    spare: { 'usr/lib/libx.a': 3 * MB },
    kept: { 'usr/lib/libx.so': 3 * MB },
    says: /-name '\*\.a'/,
  },
  {
    id: 'headers',
    spare: { 'usr/local/include/python3.11/Python.h': 2 * MB },
    kept: { 'usr/share/include.txt': 2 * MB },
    says: /rm -r \/usr\/local\/include$/,
  },
  {
    id: 'documentation',
    spare: { 'usr/share/doc/a/changelog.gz': 2 * MB, 'usr/share/locale/de/a.mo': 3 * MB },
    kept: { 'usr/share/doc/a/copyright': 2 * MB, 'usr/share/zoneinfo/UTC': 2 * MB },
    says: /find \/usr\/share\/locale \/usr\/share\/doc -type f ! -name copyright/,
  },
  {
    id: 'compiled-python',
    spare: { [`${stdlib}/__pycache__/ast.cpython-311.pyc`]: 2 * MB },
    kept: { [`${stdlib}/ast.py`]: 2 * MB, [`${stdlib}/__pycache__/lone.cpython-311.pyc`]: 2 * MB },
    says: /find \/usr\/local\/lib\/python3\.11 -name '\*\.pyc' -delete$/,
  },
  {
    id: 'tests',
    role: 'requirements',
    spare: { [`${site}/scipy/stats/tests/test_a.py`]: 6 * MB },
    kept: { [`${site}/scipy/stats/a.py`]: 6 * MB },
    says: /wheels are laid whole/,
  },
  {
    id: 'sources-and-headers',
    role: 'requirements',
    spare: { [`${site}/numpy/core/include/a.h`]: 3 * MB },
    kept: { [`${site}/numpy/core/a.so`]: 3 * MB },
    says: /wheels are laid whole/,
  },
  {
    id: 'base-tests',
    spare: { [`${stdlib}/site-packages/torch/tests/a.py`]: 6 * MB },
    kept: { [`${stdlib}/site-packages/torch/a.py`]: 6 * MB },
    says: /^a base of your own/,
  },
  {
    id: 'cuda-requirements',
    role: 'requirements',
    spare: {
      [`${site}/nvidia/cublas/lib/libcublasLt.so.12`]: 500 * MB,
      [`${site}/torch/lib/libtorch_cuda.so`]: 900 * MB,
    },
    kept: { [`${site}/torch/lib/libtorch_cpu.so`]: 400 * MB },
    says: /--torch-backend cpu/,
  },
  {
    id: 'cuda-base',
    spare: { 'usr/local/cuda-12.4/lib64/libcufft.so.11': 200 * MB, 'usr/lib/libnvinfer.so.10': 300 * MB },
    kept: { 'usr/lib/libc.so': 2 * MB },
    says: /made for the CPU/,
  },
  {
    id: 'cuda-dependencies',
    role: 'dependencies',
    spare: { 'opt/fairlead/node_modules/onnxruntime-node/bin/libonnxruntime_providers_cuda.so': 300 * MB },
    kept: { 'opt/fairlead/node_modules/onnxruntime-node/bin/libonnxruntime.so.1': 40 * MB },
    says: /ONNXRUNTIME_NODE_INSTALL=skip/,
  },
];

for (const { id, spare, kept = {}, role, made = {}, says } of cases) {
  const image = (files: Readonly<Record<string, number>>): MadeUp =>
    role === undefined ? { ...made, files } : { ...made, layers: [{ role, files }] };
  const names = Object.keys(spare).join(', ');
  const sum = Object.values(spare).reduce((all, one) => all + one, 0);

  test(`${id} is told of ${names}, with just their bytes`, () => {
    const [only, ...others] = savingsOf(image({ ...kept, ...spare }));
    assert.deepEqual([only?.id, only?.bytes, only?.files, others], [id, sum, Object.keys(spare).length, []]);
    assert.match(only?.change ?? '', says);
    assert.ok((only?.size ?? 0) > 0 && (only?.size ?? 0) <= sum);
  });

  test(`${id} is not told of what is small, nor where there is none of ${names}`, () => {
    const small = Object.fromEntries(Object.keys(spare).map(path => [path, 1000]));
    assert.deepEqual(savingsOf(image({ ...kept, ...small })), []);
    assert.deepEqual(savingsOf(image(kept)), []);
  });
}

const model = (title: string, names: Readonly<Record<string, number>>): MadeUpLayer => {
  const folder = `models/${title.replace(' ', '/')}`;
  const files = Object.fromEntries(Object.entries(names).map(([name, size]) => [`${folder}/${name}`, size]));
  return { role: 'model', title, files };
};

const models: readonly {
  id: string;
  of: string;
  layers: readonly MadeUpLayer[];
  bytes: number | undefined;
  says?: RegExp;
}[] = [
  {
    id: 'model-training',
    of: 'optimizer states and events beside weights',
    layers: [
      model('bert 1', {
        'model.safetensors': 9 * MB,
        'optimizer.pt': 18 * MB,
        'runs/events.out.tfevents.1': MB,
      }),
    ],
    bytes: 19 * MB,
    says: /exclude: \['\*\*\/optimizer\.pt', '\*\*\/events\.out\.tfevents\.1'\]/,
  },
  {
    id: 'model-training',
    of: 'a checkpoint that is the model itself',
    layers: [model('lit 1', { 'last.ckpt': 90 * MB })],
    bytes: undefined,
  },
  {
    id: 'model-formats',
    of: 'weights for other frameworks',
    layers: [model('bert 1', { 'model.safetensors': 9 * MB, 'tf_model.h5': 9 * MB })],
    bytes: 9 * MB,
    says: /tf_model\.h5/,
  },
  {
    id: 'model-formats',
    of: 'weights of which there is one format',
    layers: [model('bert 1', { 'pytorch_model.bin': 9 * MB })],
    bytes: undefined,
  },
  {
    id: 'model-reading-matter',
    of: 'a README and its pictures',
    layers: [model('bert 1', { 'README.md': MB, 'loss.png': 2 * MB, 'model.onnx': MB })],
    bytes: 3 * MB,
    says: /README\.md/,
  },
  {
    id: 'versions',
    of: 'two versions, the older one counts',
    layers: [model('a 10', { 'model.onnx': 5 * MB }), model('a 9', { 'model.onnx': 3 * MB })],
    bytes: 3 * MB,
    says: /ask for 10 only.*versions: \{latest: 1\}/,
  },
  {
    id: 'versions',
    of: 'two models of one version each',
    layers: [model('a 1', { 'model.onnx': 5 * MB }), model('b 1', { 'model.onnx': 3 * MB })],
    bytes: undefined,
  },
];

for (const { id, of, layers, bytes, says } of models)
  test(`${of}: ${bytes === undefined ? 'nothing is told' : `${id} is told, and stored bytes are as many`}`, () => {
    const found = savingsOf({ layers });
    assert.deepEqual(
      found.map(one => [one.id, one.bytes, one.size]),
      bytes === undefined ? [] : [[id, bytes, bytes]],
    );
    if (says !== undefined) assert.match(found[0]?.change ?? '', says);
  });

test('a server that asks for a graphics card keeps its libraries, and so does one of others', () => {
  const files = { 'usr/lib/libcudnn.so.9': 900 * MB };
  assert.equal(savingsOf({ files }).length, 1);
  assert.deepEqual(savingsOf({ files, run: { cmd: ['serve', '--provider=cuda'] } }), []);
  assert.deepEqual(savingsOf({ files, run: { env: { FAIRLEAD_MODELS: '{"device":"cuda:0"}' } } }), []);
  assert.deepEqual(savingsOf({ files, program: false }), []);
});

test('a file of the base that a layer replaces is told once, as that', () => {
  const file = { 'usr/local/bin/node': 90 * MB };
  const found = savingsOf({ files: file, layers: [{ role: 'runtime', files: file }] });
  assert.deepEqual(
    found.map(({ id, bytes }) => [id, bytes]),
    [['replaced', 90 * MB]],
  );
});

test('large files of one name and size are told where they lie in two layers, and not in one', () => {
  const [a, b] = ['usr/lib/libx.so.1', `${site}/x.libs/libx.so.1`];
  const twice = savingsOf({
    files: { [a]: 7 * MB },
    layers: [{ role: 'requirements', files: { [b]: 7 * MB } }],
  });
  assert.deepEqual(
    twice.map(({ id, bytes }) => [id, bytes]),
    [['twice', 7 * MB]],
  );
  assert.deepEqual(
    savingsOf({ layers: [{ role: 'requirements', files: { [a]: 7 * MB, [b]: 7 * MB } }] }),
    [],
  );
});

test('what later layers of a base remove is told by what its layers have and its files do not', () => {
  const { layerBytes, files } = contentsFrom([
    {
      rows: [
        ['a', 'file', 8 * MB, ''],
        ['b', 'file', MB, ''],
      ],
      texts: {},
    },
    { rows: [['a', 'whiteout', 0, '']], texts: {} },
  ]);
  assert.deepEqual([layerBytes, [...files.keys()]], [[9 * MB, 0], ['b']]);
  const found = savingsOf({ files: { b: MB }, layerBytes: [9 * MB] });
  assert.deepEqual(
    found.map(({ id, bytes, size }) => [id, bytes, size]),
    [['hidden-in-base', 8 * MB, 2_666_667]],
  );
});

/** Paths that rules look at, in pieces that go together every way. */
const path = fc
  .tuple(
    fc.constantFrom(
      'usr/local/lib',
      'usr/share/doc',
      'opt/venv/lib',
      'models/m/1',
      'usr/lib/debug',
      'var/cache',
    ),
    fc.constantFrom('python3.11/site-packages/', 'node_modules/npm/', 'python3.11/test/', 'cuda/', '', '../'),
    fc.constantFrom('tests/', 'pip/', '__pycache__/', ''),
    fc.constantFrom(
      'a.py',
      'a.so',
      'libcudnn.so.9',
      'a.a',
      'README.md',
      'optimizer.pt',
      'm.onnx',
      'x y\n',
      '',
      'a.cpython-311.pyc',
    ),
    fc.constantFrom('', ' deb:perl', ' deb:gcc-12', ' npm:npm'),
  )
  .map(([a, b, c, d, e]) => ({ path: `${a}/${b}${c}${d.replaceAll(' ', '')}`, owner: e }));

const size = fc.oneof(fc.integer({ min: 0, max: 1e10 }), fc.constantFrom(0, 1, MB - 1, MB));
const filesOf = (isBase: boolean) =>
  fc
    .array(fc.tuple(path, size), { maxLength: 20 })
    .map(all =>
      Object.fromEntries(all.map(([{ path: at, owner }, bytes]) => [isBase ? `${at}${owner}` : at, bytes])),
    );

const madeUp: fc.Arbitrary<MadeUp> = fc.record(
  {
    base: fc.record({
      repository: fc.constantFrom('library/node', 'python', 'x'),
      tag: fc.constantFrom('1', '3-slim'),
    }),
    env: fc.constantFrom(['NODE_VERSION=24.1.0'], ['PYTHON_VERSION=3'], ['=', 'x'], []),
    files: filesOf(true),
    layerBytes: fc.array(size, { maxLength: 2 }),
    layers: fc.array(
      fc.record(
        {
          role: fc.constantFrom('runtime', 'requirements', 'dependencies', 'program', 'settings', 'model'),
          title: fc.constantFrom('m 1', 'm 2', 'n', '', 'a\u001b[31m\n b'),
          files: filesOf(false),
          size,
        },
        { requiredKeys: ['role', 'files'] },
      ),
      { maxLength: 5 },
    ),
  },
  { requiredKeys: [] },
);

test('no image is too strange: savings are of its bytes, no file counts twice, and the text fits', () => {
  fc.assert(
    fc.property(madeUp, fc.integer({ min: -5, max: 300 }), (made, columns) => {
      const report = reportOf(reported(made));
      for (const { savings, totals } of report.platforms) {
        const bytes = savings.reduce((sum, one) => sum + one.bytes, 0);
        const packed = savings.reduce((sum, one) => sum + one.size, 0);
        assert.ok(bytes <= totals.unpacked, `${bytes} of ${totals.unpacked}`);
        assert.ok(packed <= totals.size + savings.length, `${packed} of ${totals.size}`);
        assert.deepEqual(
          savings,
          savings.toSorted((a, b) => b.bytes - a.bytes),
        );
      }
      assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
      const text = reportText(report, columns);
      assert.doesNotMatch(text, /[^\n\P{Cc}]/u);
      const most = Math.max(80, Math.min(columns, 100));
      for (const line of text.split('\n')) if (/[█░]/.test(line)) assert.ok(line.length <= most, line);
    }),
  );
});
