import assert from 'node:assert/strict';
import test from 'node:test';
import { ranksOf } from './tags.ts';
import type { Target } from './target.ts';

const on = (
  architecture: Target['architecture'],
  kind: 'glibc' | 'musl',
  version: string,
  minor = 11,
): readonly string[] => {
  const [major = 0, least = 0] = version.split('.').map(Number);
  return [
    ...ranksOf({
      python: { minor, version: `3.${minor}.0` },
      architecture,
      libc: { kind, major, minor: least },
    }).keys(),
  ];
};

/** Where `packaging.tags` of 26.3 has them: how many there are, and some of them by their rank. */
const cases: readonly { title: string; tags: readonly string[]; first: readonly string[]; count: number }[] =
  [
    {
      title: 'Debian 12 on amd64',
      tags: on('amd64', 'glibc', '2.36'),
      first: ['cp311-cp311-manylinux_2_36_x86_64', 'cp311-cp311-manylinux_2_35_x86_64'],
      count: 914,
    },
    {
      title: 'CentOS 7',
      tags: on('amd64', 'glibc', '2.17'),
      first: ['cp311-cp311-manylinux_2_17_x86_64', 'cp311-cp311-manylinux2014_x86_64'],
      count: 439,
    },
    {
      title: 'Debian 12 on arm64',
      tags: on('arm64', 'glibc', '2.36'),
      first: ['cp311-cp311-manylinux_2_36_aarch64'],
      count: 564,
    },
    {
      title: 'Alpine',
      tags: on('amd64', 'musl', '1.2', 12),
      first: [
        'cp312-cp312-musllinux_1_2_x86_64',
        'cp312-cp312-musllinux_1_1_x86_64',
        'cp312-cp312-musllinux_1_0_x86_64',
        'cp312-cp312-linux_x86_64',
        'cp312-abi3-musllinux_1_2_x86_64',
      ],
      count: 123,
    },
  ];

for (const { title, tags, first, count } of cases)
  test(`tags on ${title} begin with what was built for it`, () => {
    assert.deepEqual(tags.slice(0, first.length), first);
    assert.equal(tags.length, count);
  });

test('what was built for this very Python comes before what keeps to an older interface, and that before what is of any machine', () => {
  const tags = on('amd64', 'glibc', '2.36');
  const wanted = [
    'cp311-cp311-manylinux2014_x86_64',
    'cp311-cp311-manylinux2010_x86_64',
    'cp311-cp311-manylinux1_x86_64',
    'cp311-cp311-linux_x86_64',
    'cp311-abi3-manylinux_2_36_x86_64',
    'cp311-none-manylinux_2_36_x86_64',
    'cp310-abi3-manylinux_2_17_x86_64',
    'cp32-abi3-linux_x86_64',
    'py311-none-manylinux_2_36_x86_64',
    'py3-none-manylinux_2_5_x86_64',
    'py30-none-linux_x86_64',
    'cp311-none-any',
    'py311-none-any',
    'py3-none-any',
    'py310-none-any',
    'py30-none-any',
  ];
  const ranks = wanted.map(tag => tags.indexOf(tag));
  assert.ok(!ranks.includes(-1), String(ranks));
  assert.deepEqual(
    ranks,
    ranks.toSorted((a, b) => a - b),
  );
});

test('what was built for a later library, another machine, another Python or none of ours is no tag', () => {
  const tags = on('arm64', 'glibc', '2.36');
  const others = [
    'cp311-cp311-manylinux_2_37_aarch64',
    'cp311-cp311-manylinux_2_16_aarch64',
    'cp311-cp311-manylinux1_aarch64',
    'cp311-cp311-manylinux2014_x86_64',
    'cp312-cp312-manylinux2014_aarch64',
    'cp310-cp310-manylinux2014_aarch64',
    'cp312-abi3-manylinux2014_aarch64',
    'cp311-cp311-musllinux_1_2_aarch64',
    'py2-none-any',
    'pp311-pypy311_pp73-manylinux2014_aarch64',
    'cp311-cp311t-manylinux2014_aarch64',
  ];
  assert.deepEqual(
    others.filter(tag => tags.includes(tag)),
    [],
  );
});
