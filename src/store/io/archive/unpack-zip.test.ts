import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { unpackZip } from '#store';
import { type Contents, placeOf } from '../../fixtures/unpacking.ts';
import { type ZipEntry, type ZipOptions, zipOf } from '../../fixtures/zip.ts';

const ZIP = { format: 'zip' } as const;
const LINK = 0o120777;

const good: readonly { name: string; entries: readonly ZipEntry[]; options?: ZipOptions; holds: Contents }[] =
  [
    {
      name: 'files stored and deflated, folders and modes',
      entries: [
        { name: 'd/', mode: 0o40700 },
        { name: 'd/a', body: 'x'.repeat(5000), method: 8, mode: 0o104777 },
        { name: 'b', body: 'y' },
        { name: 'none', method: 8 },
      ],
      holds: { b: 'y', 'd/': '', 'd/a': 'x'.repeat(5000), none: '' },
    },
    { name: 'a folder by its slash alone', entries: [{ name: 'd/e/' }], holds: { 'd/': '', 'd/e/': '' } },
    { name: 'a name in UTF-8', entries: [{ name: 'mödel', body: 'x' }], holds: { mödel: 'x' } },
    {
      name: 'a name in code page 437',
      entries: [{ name: Buffer.from([0x6d, 0x94]), flags: 0, body: 'x' }],
      holds: { mö: 'x' },
    },
    {
      name: 'a link',
      entries: [
        { name: 'l', body: 'd/a', mode: LINK },
        { name: 'd/a', body: 'x' },
      ],
      holds: { 'd/': '', 'd/a': 'x', l: 'x' },
    },
    {
      name: 'a later entry for an earlier one',
      entries: [
        { name: 'a', body: 'x' },
        { name: 'a', body: 'y' },
      ],
      holds: { a: 'y' },
    },
    {
      name: 'sizes of zip64',
      entries: [{ name: 'a', body: 'x'.repeat(50), method: 8, isZip64: true }],
      holds: { a: 'x'.repeat(50) },
    },
    { name: 'nothing', entries: [], holds: {} },
    {
      name: 'a comment',
      entries: [{ name: 'a', body: 'x' }],
      options: { comment: 'of 1999' },
      holds: { a: 'x' },
    },
  ];

for (const { name, entries, options, holds } of good) {
  test(`a zip file is unpacked: ${name}`, async t => {
    const place = await placeOf(t);
    await place.unpack(zipOf(entries, options), ZIP);
    assert.deepEqual(await place.contents(), holds);
  });
}

test('of a zip file one folder is taken, with its name left out', async t => {
  const place = await placeOf(t);
  const entries = [
    { name: 'm/a', body: 'x' },
    { name: 'm2/b', body: 'y' },
    { name: 'c', body: 'z' },
  ];
  await place.unpack(zipOf(entries), { ...ZIP, below: 'm' });
  assert.deepEqual(await place.contents(), { a: 'x' });
});

const whole = zipOf([
  { name: 'a', body: 'x'.repeat(100) },
  { name: 'b', body: 'y'.repeat(100), method: 8 },
]);

/** As in "a better zip bomb": many entries of the directory lead to the same bytes. */
function overlapping(): Buffer {
  return zipOf([
    { name: 'a', body: 'x'.repeat(100) },
    { name: 'a', body: 'x'.repeat(100), at: 0 },
  ]);
}

/** An entry whose bytes are those of a whole other entry, header and all. */
function quoting(): Buffer {
  const inner = zipOf([{ name: 'b', body: 'y' }]).subarray(0, 32);
  return zipOf([
    { name: 'a', body: inner },
    { name: 'b', body: 'y', at: 31 },
  ]);
}

const bad: readonly { name: string; archive: Uint8Array; entry?: string; problem: RegExp }[] = [
  { name: 'an absolute path', archive: zipOf([{ name: '/etc/x', body: 'x' }]), problem: /absolute/ },
  {
    name: 'a path up',
    archive: zipOf([{ name: 'a/../../secret', body: 'x' }]),
    entry: 'a/../../secret',
    problem: /leads out/,
  },
  { name: 'a backslash', archive: zipOf([{ name: '..\\secret', body: 'x' }]), problem: /backslash/ },
  { name: 'a drive', archive: zipOf([{ name: 'C:/secret', body: 'x' }]), problem: /drive/ },
  { name: 'a zero byte', archive: zipOf([{ name: 'a\0.onnx', body: 'x' }]), problem: /zero byte/ },
  {
    name: 'a name of no UTF-8',
    archive: zipOf([{ name: Buffer.from([0xf6]), body: 'x' }]),
    problem: /no UTF-8/,
  },
  {
    name: 'a link out',
    archive: zipOf([{ name: 'l', body: '../secret', mode: LINK }]),
    problem: /leads out/,
  },
  {
    name: 'a link to a path of the machine',
    archive: zipOf([{ name: 'l', body: '/etc/passwd', mode: LINK }]),
    problem: /leads out/,
  },
  {
    name: 'a file through a link',
    archive: zipOf([
      { name: 'l', body: '..', mode: LINK },
      { name: 'l/secret', body: 'x' },
    ]),
    problem: /which is a link/,
  },
  {
    name: 'a link of megabytes',
    archive: zipOf([{ name: 'l', body: 'x'.repeat(5000), mode: LINK }]),
    problem: /too long/,
  },
  { name: 'a device', archive: zipOf([{ name: 'null', mode: 0o20666 }]), problem: /is a device/ },
  { name: 'a pipe', archive: zipOf([{ name: 'p', mode: 0o10666 }]), problem: /is a pipe/ },
  {
    name: 'an encrypted file',
    archive: zipOf([{ name: 'a', body: 'x', flags: 1, method: 8 }]),
    problem: /encrypted/,
  },
  {
    name: 'a strongly encrypted file',
    archive: zipOf([{ name: 'a', body: 'x', flags: 0x41 }]),
    problem: /encryption/,
  },
  {
    name: 'a way to pack it that is rare',
    archive: zipOf([{ name: 'a', body: 'x', method: 93 }]),
    problem: /method 93/,
  },
  {
    name: 'a wrong checksum',
    archive: zipOf([{ name: 'a', body: 'x', crc: 1 }]),
    entry: 'a',
    problem: /CRC-32/,
  },
  {
    name: 'a wrong checksum of a deflated file',
    archive: zipOf([{ name: 'a', body: 'x', crc: 1, method: 8 }]),
    entry: 'a',
    problem: /CRC-32/,
  },
  {
    name: 'more bytes than it says',
    archive: zipOf([{ name: 'a', body: 'x'.repeat(5000), method: 8, size: 10 }]),
    problem: /too many bytes/,
  },
  {
    name: 'fewer bytes than it says',
    archive: zipOf([{ name: 'a', body: 'x'.repeat(50), method: 8, size: 60 }]),
    problem: /not enough bytes/,
  },
  {
    name: 'a stored size that lies',
    archive: zipOf([{ name: 'a', body: 'x', size: 10 }]),
    problem: /size mismatch/,
  },
  {
    name: 'a file beyond the end',
    archive: zipOf([{ name: 'a', body: 'x', size: 5000, packedSize: 5000 }]),
    problem: /overflows/,
  },
  { name: 'entries of the same bytes', archive: overlapping(), entry: 'a', problem: /shares its bytes/ },
  { name: 'an entry within another', archive: quoting(), problem: /shares its bytes/ },
  {
    name: 'an entry that reaches into the directory',
    archive: zipOf([{ name: 'a', body: 'x', size: 20, packedSize: 20 }]),
    problem: /shares its bytes/,
  },
  {
    name: 'another name in its own header',
    archive: zipOf([{ name: 'a', localName: 'b', body: 'x' }]),
    entry: 'a',
    problem: /another one in its own header/,
  },
  {
    name: 'more entries than there are',
    archive: zipOf([{ name: 'a', body: 'x' }], { count: 2 }),
    problem: /is broken/,
  },
  {
    name: 'fewer entries than there are',
    archive: zipOf(
      [
        { name: 'a', body: 'x' },
        { name: 'b', body: 'y' },
      ],
      { count: 1 },
    ),
    problem: /another number of entries/,
  },
  {
    name: 'something after its end',
    archive: Buffer.concat([whole, Buffer.from('x')]),
    problem: /is broken: .*comment length/i,
  },
  { name: 'text', archive: Buffer.from('no archive'), problem: /is broken/ },
  { name: 'nothing at all', archive: Buffer.alloc(0), problem: /is broken/ },
];

for (const { name, archive, entry, problem } of bad) {
  test(`a zip file is refused: ${name}`, async t => {
    const place = await placeOf(t);
    await assert.rejects(
      place.unpack(archive, ZIP),
      (error: Error & { code?: string; facts?: { entry?: string } }) => {
        assert.equal(error.code, 'archive_invalid', error.stack);
        assert.match(error.message, problem);
        if (entry !== undefined) assert.equal(error.facts?.entry, entry);
        return true;
      },
    );
    await place.contents();
  });
}

test('a cut zip file is noticed wherever it is cut', async t => {
  for (let length = 0; length < whole.length; length += 7) {
    const place = await placeOf(t);
    await assert.rejects(place.unpack(whole.subarray(0, length), ZIP), { code: 'archive_invalid' });
  }
});

const bombs: readonly { name: string; entries: readonly ZipEntry[]; limits: object; problem: RegExp }[] = [
  {
    name: 'sizes together',
    entries: [
      { name: 'a', body: 'x'.repeat(600) },
      { name: 'b', body: 'x'.repeat(600) },
    ],
    limits: { bytes: 1000 },
    problem: /'b' takes the archive over 1000 bytes/,
  },
  {
    name: 'a ratio',
    entries: [{ name: 'a', body: 'x', method: 8, size: 2 ** 30 }],
    limits: { ratio: 200 },
    problem: /over 200 times its own size/,
  },
  {
    name: 'a size of zip64',
    entries: [{ name: 'a', body: 'x', method: 8, size: 2 ** 45, isZip64: true }],
    limits: { bytes: 2 ** 20 },
    problem: /over 1048576 bytes/,
  },
  {
    name: 'entries',
    entries: Array.from({ length: 11 }, (_, index) => ({ name: `${index}/` })),
    limits: { files: 10 },
    problem: /more than 10 entries/,
  },
];

for (const { name, entries, limits, problem } of bombs) {
  test(`a zip bomb is refused: ${name}`, async t => {
    const place = await placeOf(t);
    await assert.rejects(place.unpack(zipOf(entries), ZIP, limits), {
      code: 'archive_invalid',
      message: problem,
    });
    await place.contents();
  });
}

test('of a zip file it is told what may be run, and nothing of it can be', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-unpack-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const entries = [
    { name: 'bin/run', body: 'x', mode: 0o100755 },
    { name: 'text', body: 'x', mode: 0o100644 },
    { name: 'of-no-unix', body: 'x' },
    { name: 'bin/', mode: 0o40755 },
  ];
  await writeFile(join(folder, 'a.zip'), zipOf(entries));
  const programs = await unpackZip(join(folder, 'a.zip'), folder, {
    called: 'a.zip',
    signal: new AbortController().signal,
  });
  assert.deepEqual([...programs], ['bin/run']);
  assert.equal((await stat(join(folder, 'bin/run'))).mode & 0o777, 0o644);
});
