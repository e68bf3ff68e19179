import assert from 'node:assert/strict';
import test from 'node:test';
import { chosen } from './choose.ts';
import { ranksOf } from './tags.ts';
import { fileNameOf, parseWheelName } from './wheel-name.ts';

const ranks = ranksOf({
  python: { minor: 11, version: '3.11.2' },
  architecture: 'amd64',
  libc: { kind: 'glibc', major: 2, minor: 36 },
});
const HASH = 'a'.repeat(64);

/** The first of each is the best that fits; all are locked. */
const races: readonly { title: string; files: readonly string[] }[] = [
  {
    title: 'the latest library before older ones',
    files: [
      'n-1-cp311-cp311-manylinux_2_28_x86_64.whl',
      'n-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      'n-1-cp311-cp311-manylinux1_x86_64.whl',
    ],
  },
  {
    title: 'its own Python before a stable interface',
    files: [
      'n-1-cp311-cp311-manylinux2010_x86_64.whl',
      'n-1-cp311-abi3-manylinux_2_34_x86_64.whl',
      'n-1-cp39-abi3-manylinux_2_34_x86_64.whl',
    ],
  },
  {
    title: 'native code before pure',
    files: ['n-1-cp38-abi3-manylinux2014_x86_64.whl', 'n-1-py3-none-any.whl'],
  },
  { title: 'Python 3 alone beside 2 and 3', files: ['n-1-py2.py3-none-any.whl', 'n-1-py30-none-any.whl'] },
  {
    title: 'the later build',
    files: [
      'n-1-10-py3-none-any.whl',
      'n-1-2b-py3-none-any.whl',
      'n-1-2a-py3-none-any.whl',
      'n-1-py3-none-any.whl',
    ],
  },
];
const unfit = [
  'n-1-cp311-cp311-manylinux_2_37_x86_64.whl',
  'n-1-cp311-cp311-manylinux_2_28_aarch64.whl',
  'n-1-cp312-cp312-manylinux_2_28_x86_64.whl',
  'n-2-cp311-cp311-manylinux_2_36_x86_64.whl',
  'm-1-cp311-cp311-manylinux_2_36_x86_64.whl',
  'n-1-cp311-cp311-win_amd64.whl',
  'n-1.tar.gz',
  'n-1.zip',
  'nonsense',
];

for (const { title, files } of races)
  test(`of wheels that fit, the best is chosen: ${title}`, () => {
    for (const all of [
      [...files, ...unfit],
      [...unfit, ...files.toReversed()],
    ]) {
      const best = chosen(
        { name: 'n', version: '1.0', sha256: [HASH] },
        all.map(file => ({ file, sha256: HASH })),
        ranks,
      );
      assert.ok(best.ok);
      assert.equal(best.value.file, files[0]);
    }
  });

test('a wheel whose hash is not locked is none, however well it fits; one without a hash may be it', () => {
  const offered = [
    { file: 'n-1-cp311-cp311-manylinux_2_28_x86_64.whl', sha256: 'b'.repeat(64) },
    { file: 'n-1-py3-none-any.whl', sha256: HASH },
  ];
  const best = chosen({ name: 'n', version: '1', sha256: [HASH] }, offered, ranks);
  assert.ok(best.ok && best.value.file === 'n-1-py3-none-any.whl');
  const unknown = chosen(
    { name: 'n', version: '1', sha256: [HASH] },
    [{ file: 'n-1-py3-none-any.whl' }],
    ranks,
  );
  assert.ok(unknown.ok);
});

const none: readonly { title: string; files: readonly string[]; sha256?: string; problem: string }[] = [
  { title: 'another version', files: ['n-2-py3-none-any.whl'], problem: 'there is no such version' },
  {
    title: 'other hashes',
    files: ['n-1-py3-none-any.whl', 'n-1.tar.gz'],
    sha256: 'c'.repeat(64),
    problem: 'it is offered, but with none of the hashes that are locked',
  },
  {
    title: 'source only',
    files: ['n-1.tar.gz', 'n-1.zip'],
    problem: 'of what is locked there is only source',
  },
  {
    title: 'other machines',
    files: ['n-1-cp311-cp311-win_amd64.whl', 'n-1.tar.gz'],
    problem: 'those that are locked are for cp311-cp311-win_amd64',
  },
];

for (const { title, files, sha256 = HASH, problem } of none)
  test(`where there is ${title}, it is said that none fits, and why`, () => {
    const best = chosen(
      { name: 'n', version: '1', sha256: [HASH] },
      files.map(file => ({ file, sha256 })),
      ranks,
    );
    assert.deepEqual(best, { ok: false, error: problem });
  });

test('the name of a wheel tells what it is and what it is for', () => {
  assert.deepEqual(parseWheelName('Scikit_Learn-1.9.1-1b-cp311.cp312-abi3-manylinux2014_x86_64.whl'), {
    file: 'Scikit_Learn-1.9.1-1b-cp311.cp312-abi3-manylinux2014_x86_64.whl',
    name: 'scikit-learn',
    version: '1.9.1',
    build: [1, 'b'],
    tags: ['cp311-abi3-manylinux2014_x86_64', 'cp312-abi3-manylinux2014_x86_64'],
  });
  assert.equal(parseWheelName(`n-1-${'py3.'.repeat(200)}py3-${'none.'.repeat(20)}none-any.whl`), undefined);
  for (const file of [
    'n-1.whl',
    'n-1-py3-none-any.zip',
    'n-1-b-py3-none-any.whl',
    '../n-1-py3-none-any.whl',
    '',
  ])
    assert.equal(parseWheelName(file), undefined, file);
});

test('the name of a file is the last of its address, without what stands behind it', () => {
  assert.equal(
    fileNameOf('https://h.example/a/t-1%2Bcpu-py3-none-any.whl?sig=x/y#sha256=0'),
    't-1+cpu-py3-none-any.whl',
  );
});
