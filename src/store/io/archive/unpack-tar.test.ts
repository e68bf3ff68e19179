import assert from 'node:assert/strict';
import test from 'node:test';
import { paxOf, TAR_END, type TarEntry, tarOf } from '../../fixtures/tar.ts';
import { type Contents, placeOf } from '../../fixtures/unpacking.ts';

const TAR = { format: 'tar' } as const;
const long = 'n'.repeat(90);
const binarySize = (size: number): string => {
  const field = Buffer.alloc(12);
  field[0] = 0x80;
  field.writeBigUInt64BE(BigInt(size), 4);
  return field.toString('latin1');
};

const good: readonly { name: string; entries: readonly TarEntry[]; holds: Contents }[] = [
  {
    name: 'files and folders, with modes of the house',
    entries: [
      { name: './', type: '5' },
      { name: './m/', type: '5', mode: 0o700 },
      { name: './m/a.bin', body: 'a', mode: 0o4777 },
      { name: 'm//b.bin', body: 'b'.repeat(600), mode: 0 },
      { name: 'empty/', type: '5' },
      { name: 'none.txt' },
    ],
    holds: { 'm/': '', 'm/a.bin': 'a', 'm/b.bin': 'b'.repeat(600), 'empty/': '', 'none.txt': '' },
  },
  {
    name: 'folders that are nowhere entered',
    entries: [{ name: 'a/b/c', body: 'c' }],
    holds: { 'a/': '', 'a/b/': '', 'a/b/c': 'c' },
  },
  {
    name: 'an old file without a letter',
    entries: [{ name: 'a', type: '\0', body: 'x', magic: '' }],
    holds: { a: 'x' },
  },
  { name: 'an old folder, a file with a slash', entries: [{ name: 'a/' }], holds: { 'a/': '' } },
  {
    name: 'a name with a prefix',
    entries: [{ name: long, prefix: 'p/q', body: 'x' }],
    holds: { 'p/': '', 'p/q/': '', [`p/q/${long}`]: 'x' },
  },
  {
    name: 'a name of GNU, whose prefix is something else',
    entries: [{ name: 'a', prefix: '14000000000', magic: 'ustar  ', body: 'x' }],
    holds: { a: 'x' },
  },
  {
    name: 'a long name by GNU',
    entries: [
      { name: '././@LongLink', type: 'L', body: `${long}${long}\0` },
      { name: long, body: 'x' },
    ],
    holds: { [long + long]: 'x' },
  },
  {
    name: 'a name and size by POSIX',
    entries: [
      paxOf({ path: 'mödel.bin', size: '3', mtime: '1.5' }),
      { name: 'model.bin', body: 'abc', size: 0 },
    ],
    holds: { 'mödel.bin': 'abc' },
  },
  {
    name: 'a comment for all entries',
    entries: [paxOf({ comment: 'a commit', path: 'no' }, 'g'), { name: 'a', body: 'x' }],
    holds: { a: 'x' },
  },
  {
    name: 'a size in binary',
    entries: [{ name: 'a', body: 'abc', size: binarySize(3) }],
    holds: { a: 'abc' },
  },
  {
    name: 'a link to a file before it',
    entries: [
      { name: 'a/b', body: 'x' },
      { name: 'l', type: '2', target: 'a/b' },
    ],
    holds: { 'a/': '', 'a/b': 'x', l: 'x' },
  },
  {
    name: 'a link to a file after it',
    entries: [
      { name: 'd/l', type: '2', target: '../b' },
      { name: 'b', body: 'x' },
    ],
    holds: { 'd/': '', 'd/l': 'x', b: 'x' },
  },
  {
    name: 'a link to a folder',
    entries: [
      { name: 'v1/m/a', body: 'x' },
      { name: 'v1/e/', type: '5' },
      { name: 'now', type: '2', target: './v1/' },
    ],
    holds: {
      'v1/': '',
      'v1/m/': '',
      'v1/m/a': 'x',
      'v1/e/': '',
      'now/': '',
      'now/m/': '',
      'now/m/a': 'x',
      'now/e/': '',
    },
  },
  {
    name: 'a link through a link',
    entries: [
      { name: 'a', type: '2', target: 'b/x' },
      { name: 'b', type: '2', target: 'c' },
      { name: 'c/x', body: 'x' },
    ],
    holds: { a: 'x', 'b/': '', 'b/x': 'x', 'c/': '', 'c/x': 'x' },
  },
  {
    name: 'a folder of links, linked',
    entries: [
      { name: 'blobs/1', body: 'x' },
      { name: 's/m', type: '2', target: '../blobs/1' },
      { name: 'deep/in/s', type: '2', target: '../../s' },
    ],
    holds: {
      'blobs/': '',
      'blobs/1': 'x',
      's/': '',
      's/m': 'x',
      'deep/': '',
      'deep/in/': '',
      'deep/in/s/': '',
      'deep/in/s/m': 'x',
    },
  },
  {
    name: 'a hard link',
    entries: [
      { name: 'a', body: 'x' },
      { name: 'd/b', type: '1', target: './a' },
    ],
    holds: { a: 'x', 'd/': '', 'd/b': 'x' },
  },
  {
    name: 'a hard link to a link',
    entries: [
      { name: 'a', body: 'x' },
      { name: 'd/l', type: '2', target: '../a' },
      { name: 'e/f/h', type: '1', target: 'd/l' },
    ],
    holds: { a: 'x', 'd/': '', 'd/l': 'x', 'e/': '', 'e/f/': '', 'e/f/h': 'x' },
  },
  {
    name: 'a later file for an earlier one',
    entries: [
      { name: 'a', body: 'long' },
      { name: 'a', body: 'b' },
    ],
    holds: { a: 'b' },
  },
  {
    name: 'a later file for a name that was linked, whose other name stays',
    entries: [
      { name: 'a', body: 'x' },
      { name: 'b', type: '1', target: 'a' },
      { name: 'b', body: 'y' },
    ],
    holds: { a: 'x', b: 'y' },
  },
  {
    name: 'a file for a folder',
    entries: [
      { name: 'a/b', body: 'x' },
      { name: 'a', body: 'y' },
    ],
    holds: { a: 'y' },
  },
  {
    name: 'a folder for a file',
    entries: [
      { name: 'a', body: 'x' },
      { name: 'a/', type: '5' },
      { name: 'a/b', body: 'y' },
    ],
    holds: { 'a/': '', 'a/b': 'y' },
  },
  {
    name: 'a file below a file',
    entries: [
      { name: 'a', body: 'x' },
      { name: 'a/b', body: 'y' },
    ],
    holds: { 'a/': '', 'a/b': 'y' },
  },
  {
    name: 'a file for a link',
    entries: [
      { name: 'a', type: '2', target: '/etc/passwd' },
      { name: 'a', body: 'y' },
    ],
    holds: { a: 'y' },
  },
  {
    name: 'a folder again, with what is in it',
    entries: [
      { name: 'a/b', body: 'x' },
      { name: 'a/', type: '5' },
    ],
    holds: { 'a/': '', 'a/b': 'x' },
  },
  {
    name: 'names that look odd and are none',
    entries: [
      { name: '..a/...', body: 'x' },
      { name: 'b..', body: 'y' },
      { name: '.h', body: 'z' },
    ],
    holds: { '..a/': '', '..a/...': 'x', 'b..': 'y', '.h': 'z' },
  },
];

for (const { name, entries, holds } of good) {
  test(`a tar file is unpacked: ${name}`, async t => {
    const place = await placeOf(t);
    await place.unpack(tarOf(...entries), TAR);
    assert.deepEqual({ ...(await place.contents()) }, sorted(holds));
  });
}

function sorted(contents: Contents): Contents {
  return Object.fromEntries(Object.entries(contents).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test('an end that is padded is one', async t => {
  const file = { name: 'a', body: 'x' };
  const place = await placeOf(t);
  await place.unpack(Buffer.concat([tarOf(file), Buffer.alloc(8192), TAR_END]), TAR);
  assert.deepEqual(await place.contents(), { a: 'x' });
});
