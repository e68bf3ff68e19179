import assert from 'node:assert/strict';
import test from 'node:test';
import { paxOf, type TarEntry, tarEntry, tarOf } from '../../fixtures/tar.ts';
import { placeOf } from '../../fixtures/unpacking.ts';

const TAR = { format: 'tar' } as const;
const long = 'n'.repeat(90);
const file: TarEntry = { name: 'a', body: 'x' };
const bad: readonly { name: string; archive: Uint8Array; entry?: string; problem: RegExp }[] = [
  {
    name: 'an absolute path',
    archive: tarOf({ name: '/etc/x', body: 'x' }),
    entry: '/etc/x',
    problem: /absolute/,
  },
  {
    name: 'a path up',
    archive: tarOf({ name: '../secret', body: 'x' }),
    entry: '../secret',
    problem: /leads out/,
  },
  { name: 'a path up and down', archive: tarOf({ name: 'a/../../secret', body: 'x' }), problem: /leads out/ },
  { name: 'a path up that stays', archive: tarOf({ name: 'a/../b', body: 'x' }), problem: /leads out/ },
  { name: 'a folder up', archive: tarOf({ name: '../../', type: '5' }), problem: /leads out/ },
  { name: 'a backslash', archive: tarOf({ name: '..\\secret', body: 'x' }), problem: /backslash/ },
  { name: 'a drive', archive: tarOf({ name: 'C:secret', body: 'x' }), problem: /drive/ },
  { name: 'a zero byte', archive: tarOf(paxOf({ path: 'a\0b' }), file), problem: /zero byte/ },
  { name: 'a name of no UTF-8', archive: latin1Name(), problem: /no UTF-8/ },
  { name: 'a name too long', archive: tarOf(paxOf({ path: 'n'.repeat(256) }), file), problem: /too long/ },
  {
    name: 'a path too long',
    archive: tarOf(paxOf({ path: `${long}/`.repeat(20) }), file),
    problem: /too long/,
  },
  { name: 'no name', archive: tarOf({ name: '', body: 'x' }), problem: /should be a folder/ },
  {
    name: 'a link up',
    archive: tarOf({ name: 'l', type: '2', target: '../secret' }),
    entry: 'l',
    problem: /leads out/,
  },
  {
    name: 'a link to a path of the machine',
    archive: tarOf({ name: 'l', type: '2', target: '/etc/passwd' }),
    problem: /leads out/,
  },
  {
    name: 'a link out through a link',
    archive: tarOf(
      { name: 'd/e/f', body: '' },
      { name: 'a', type: '2', target: 'd/e' },
      { name: 'b', type: '2', target: 'a/../../../secret' },
    ),
    entry: 'b',
    problem: /leads out/,
  },
  {
    name: 'a link to nothing',
    archive: tarOf({ name: 'l', type: '2', target: 'absent' }),
    entry: 'l',
    problem: /not there/,
  },
  { name: 'a link to no name', archive: tarOf({ name: 'l', type: '2', target: '' }), problem: /no name/ },
  {
    name: 'a link through a file',
    archive: tarOf(file, { name: 'l', type: '2', target: 'a/b' }),
    problem: /not there/,
  },
  {
    name: 'a link to itself',
    archive: tarOf({ name: 'l', type: '2', target: 'l' }),
    problem: /leads into itself/,
  },
  {
    name: 'links in a circle',
    archive: tarOf({ name: 'l', type: '2', target: 'k' }, { name: 'k', type: '2', target: 'l' }),
    problem: /leads into itself/,
  },
  { name: 'links without end', archive: tarOf(file, ...chain(60)), problem: /too many others/ },
  {
    name: 'a link to its own folder',
    archive: tarOf({ name: 'd/l', type: '2', target: '.' }),
    entry: 'd/l',
    problem: /it lies in/,
  },
  {
    name: 'a link to the top',
    archive: tarOf({ name: 'd/l', type: '2', target: '..' }),
    problem: /it lies in/,
  },
  {
    name: 'folders that hold each other',
    archive: tarOf({ name: 'x/l', type: '2', target: '../y' }, { name: 'y/l', type: '2', target: '../x' }),
    problem: /it lies in/,
  },
  {
    name: 'a file through a link',
    archive: tarOf(
      { name: 'd/x', body: '' },
      { name: 'l', type: '2', target: 'd' },
      { name: 'l/y', body: 'x' },
    ),
    entry: 'l/y',
    problem: /below 'l', which is a link/,
  },
  {
    name: 'a file through a link that leads out',
    archive: tarOf({ name: 'l', type: '2', target: '..' }, { name: 'l/secret', body: 'x' }),
    problem: /below 'l', which is a link/,
  },
  {
    name: 'a hard link up',
    archive: tarOf({ name: 'l', type: '1', target: '../secret' }),
    problem: /outside/,
  },
  {
    name: 'a hard link to a path of the machine',
    archive: tarOf({ name: 'l', type: '1', target: '/etc/passwd' }),
    problem: /outside/,
  },
  {
    name: 'a hard link to nothing',
    archive: tarOf({ name: 'l', type: '1', target: 'b' }),
    problem: /no file before it/,
  },
  {
    name: 'a hard link to a folder',
    archive: tarOf({ name: 'd/', type: '5' }, { name: 'l', type: '1', target: 'd' }),
    problem: /no file before it/,
  },
  {
    name: 'a hard link to itself',
    archive: tarOf(file, { name: 'a', type: '1', target: 'a' }),
    problem: /to itself/,
  },
  {
    name: 'a hard link below itself',
    archive: tarOf(file, { name: 'a/b', type: '1', target: 'a' }),
    problem: /to itself/,
  },
  { name: 'a device', archive: tarOf({ name: 'null', type: '3' }), entry: 'null', problem: /is a device/ },
  { name: 'a disk', archive: tarOf({ name: 'sda', type: '4' }), problem: /is a device/ },
  { name: 'a pipe', archive: tarOf({ name: 'p', type: '6' }), problem: /is a pipe/ },
  { name: 'a sparse file of GNU', archive: tarOf({ name: 's', type: 'S', body: 'x' }), problem: /sparse/ },
  {
    name: 'a sparse file of POSIX',
    archive: tarOf(paxOf({ 'GNU.sparse.major': '1' }), file),
    problem: /sparse/,
  },
  {
    name: 'an unknown kind',
    archive: tarOf({ name: 'v', type: 'V' }),
    problem: /kind that is not unpacked, 'V'/,
  },
  { name: 'a broken header', archive: tarOf({ name: 'a', sum: 1 }), problem: /broken header/ },
  { name: 'text', archive: Buffer.alloc(2048, 'no archive '), problem: /broken header/ },
  { name: 'a broken size', archive: tarOf({ name: 'a', size: '12x\0' }), problem: /broken size/ },
  {
    name: 'a negative size',
    archive: tarOf({ name: 'a', size: '\u00FF'.repeat(12) }),
    problem: /broken size/,
  },
  {
    name: 'a size beyond numbers',
    archive: tarOf({ name: 'a', size: `\u0080${'\u00FF'.repeat(11)}` }),
    problem: /broken size/,
  },
  {
    name: 'a size that lies',
    archive: tarOf({ name: 'a', size: 5000, body: 'x' }),
    entry: 'a',
    problem: /is cut off/,
  },
  { name: 'a POSIX size that lies', archive: tarOf(paxOf({ size: '5000' }), file), problem: /is cut off/ },
  { name: 'a POSIX size that is none', archive: tarOf(paxOf({ size: '-1' }), file), problem: /broken size/ },
  {
    name: 'a POSIX header that lies',
    archive: tarOf({ name: 'p', type: 'x', body: '99 path=a\n' }, file),
    problem: /broken extended/,
  },
  {
    name: 'a POSIX header too large',
    archive: tarOf({ name: 'p', type: 'x', size: 2 ** 21 }),
    problem: /more than 1 MiB/,
  },
  { name: 'nothing at all', archive: Buffer.alloc(0), problem: /cut off/ },
  { name: 'no end', archive: tarEntry(file), problem: /the end that a tar file has is missing/ },
  { name: 'half an end', archive: Buffer.concat([tarEntry(file), Buffer.alloc(512)]), problem: /cut off/ },
  { name: 'half a header', archive: tarEntry(file).subarray(0, 300), problem: /cut off/ },
  {
    name: 'half a file',
    archive: tarEntry({ name: 'a', body: 'x'.repeat(5000) }).subarray(0, 3000),
    entry: 'a',
    problem: /cut off in this file/,
  },
  { name: 'no padding', archive: tarEntry(file).subarray(0, 600), problem: /cut off behind this file/ },
  {
    name: 'something after its end',
    archive: Buffer.concat([tarOf(file), Buffer.from('x')]),
    problem: /after its end/,
  },
  {
    name: 'another archive after its end',
    archive: Buffer.concat([tarOf(file), tarOf(file)]),
    problem: /after its end/,
  },
  {
    name: 'an entry in its end',
    archive: Buffer.concat([Buffer.alloc(512), tarOf(file)]),
    problem: /after its end/,
  },
];

function latin1Name(): Buffer {
  const archive = tarOf({ name: 'mXdel', body: 'x' });
  // 'ö' in Latin-1, and the sum that goes with it.
  archive[1] = 0xf6;
  archive.write(
    `${archive
      .subarray(0, 512)
      .reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return archive;
}

function chain(length: number): TarEntry[] {
  return Array.from({ length }, (_, index) => ({
    name: `l${index}`,
    type: '2',
    target: index === length - 1 ? 'a' : `l${index + 1}`,
  }));
}

for (const { name, archive, entry, problem } of bad) {
  test(`a tar file is refused: ${name}`, async t => {
    const place = await placeOf(t);
    await assert.rejects(
      place.unpack(archive, TAR),
      (error: Error & { code?: string; facts?: { entry?: string } }) => {
        assert.equal(error.code, 'archive_invalid', error.stack);
        assert.match(error.message, problem);
        assert.match(error.message, /^model\.tar is not unpacked: /);
        if (entry !== undefined) assert.equal(error.facts?.entry, entry);
        return true;
      },
    );
    await place.contents();
  });
}

test('a cut tar file is noticed wherever it is cut', async t => {
  const whole = tarOf(
    { name: 'd/', type: '5' },
    { name: 'd/a', body: Buffer.alloc(1500) },
    paxOf({ path: 'd/b' }),
    file,
  );
  for (let length = 0; length < whole.length; length += 100) {
    const place = await placeOf(t);
    await assert.rejects(
      place.unpack(whole.subarray(0, length), TAR),
      { code: 'archive_invalid' },
      `${length}`,
    );
  }
});
