import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { tarOf } from '../../fixtures/tar.ts';
import { GENEROUS, placeOf } from '../../fixtures/unpacking.ts';
import type { ArchiveFormat } from '../../source.ts';
import { unpack } from './unpack.ts';

const run = promisify(execFile);
const body = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join('');
const tar = tarOf({ name: 'a', body }, { name: 'b', body: 'b' });
const halves = [tar.subarray(0, 1000), tar.subarray(1000)] as const;
const holds = { a: body, b: 'b' };

/** A frame that a zstd decoder passes over. */
const note = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('note')]);
const summed = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

const packers: readonly { format: ArchiveFormat; pack: (bytes: Uint8Array) => Buffer }[] = [
  { format: 'tar+gzip', pack: bytes => gzipSync(bytes) },
  { format: 'tar+zstd', pack: bytes => zstdCompressSync(bytes, summed) },
];

for (const { format, pack: packed } of packers) {
  test(`${format} is unpacked`, async t => {
    const place = await placeOf(t);
    await place.unpack(packed(tar), { format });
    assert.deepEqual(await place.contents(), holds);
  });

  test(`${format} in several pieces is unpacked whole`, async t => {
    const place = await placeOf(t);
    await place.unpack(Buffer.concat(halves.map(packed)), { format });
    assert.deepEqual(await place.contents(), holds);
  });

  test(`${format} is refused wherever it is cut`, async t => {
    const whole = packed(tar);
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40)) {
      const place = await placeOf(t);
      await assert.rejects(place.unpack(whole.subarray(0, length), { format }), {
        code: 'archive_invalid',
        message: /cut off/,
      });
    }
  });

  test(`${format} is refused with its last piece cut`, async t => {
    const place = await placeOf(t);
    const [first, last] = halves.map(packed);
    const archive = Buffer.concat([first ?? tar, last?.subarray(0, -9) ?? tar]);
    await assert.rejects(place.unpack(archive, { format }), { code: 'archive_invalid' });
  });

  for (const rest of [Buffer.from('x'), Buffer.from('something longer'), Buffer.alloc(512)])
    test(`${format} is refused with ${rest.length} bytes after its end`, async t => {
      const place = await placeOf(t);
      const archive = Buffer.concat([packed(tar), rest]);
      await assert.rejects(place.unpack(archive, { format }), {
        code: 'archive_invalid',
        message: /after its end|is broken|cut off/,
      });
    });

  test(`${format} is refused with any byte of its end changed`, async t => {
    const archive = packed(tar);
    archive[archive.length - 3] = (archive.at(-3) ?? 0) ^ 1;
    const place = await placeOf(t);
    await assert.rejects(place.unpack(archive, { format }), {
      code: 'archive_invalid',
      message: /is broken/,
    });
  });

  test(`${format} is refused when it is none`, async t => {
    const place = await placeOf(t);
    await assert.rejects(place.unpack(tar, { format }), { code: 'archive_invalid', message: /is broken/ });
  });

  test(`${format} is refused when it comes to more than a bomb may`, async t => {
    const place = await placeOf(t);
    const bomb = packed(tarOf({ name: 'a', body: Buffer.alloc(70 * 1024 * 1024) }));
    const unpacking = place.unpack(bomb, { format }, { ratio: 10 });
    await assert.rejects(unpacking, { code: 'archive_invalid', message: /over 10 times its own size/ });
    assert.ok(
      (await place.contents())['a'] === undefined,
      'what is declared is refused before it is written',
    );
  });
}

test('notes between the pieces of a zstd file are passed over', async t => {
  const place = await placeOf(t);
  const [first, last] = halves.map(half => zstdCompressSync(half));
  const archive = Buffer.concat([note, first ?? tar, note, note, last ?? tar, note]);
  await place.unpack(archive, { format: 'tar+zstd' });
  assert.deepEqual(await place.contents(), holds);
});

test('a note that goes on behind the end is one that is cut off', async t => {
  const place = await placeOf(t);
  const archive = Buffer.concat([zstdCompressSync(tar), note.subarray(0, -1)]);
  await assert.rejects(place.unpack(archive, { format: 'tar+zstd' }), {
    code: 'archive_invalid',
    message: /cut off/,
  });
});

test('what tar-stream packs is unpacked', async t => {
  const place = await placeOf(t);
  const archive = pack();
  archive.entry({ name: 'd', type: 'directory' });
  archive.entry({ name: `d/${'ö'.repeat(100)}.bin` }, body);
  archive.entry({ name: 'l', type: 'symlink', linkname: `d/${'ö'.repeat(100)}.bin` });
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  await place.unpack(Buffer.concat(chunks), { format: 'tar' });
  assert.deepEqual(await place.contents(), { 'd/': '', [`d/${'ö'.repeat(100)}.bin`]: body, l: body });
});

for (const flavour of ['gnu', 'pax', 'ustar', 'v7'])
  test(`what the tar of this machine packs as ${flavour} is unpacked`, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-tar-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const name = flavour === 'v7' ? 'model' : 'ö'.repeat(flavour === 'ustar' ? 45 : 110);
    await mkdir(join(folder, 'm', 'deep'), { recursive: true });
    await writeFile(join(folder, 'm', 'deep', name), body);
    await symlink(`deep/${name}`, join(folder, 'm', 'l'));
    const archive = join(folder, 'a.tar');
    const packing = run('tar', ['-C', folder, `--format=${flavour}`, '-cf', archive, './m']);
    const problem = await packing.then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (problem !== undefined) return t.skip(`no tar that can: ${problem}`);
    const place = await placeOf(t);
    await unpack(archive, place.into, { unpacking: { format: 'tar' }, limits: GENEROUS });
    const expected = { 'm/': '', 'm/deep/': '', [`m/deep/${name}`]: body, 'm/l': body };
    return assert.deepEqual(await place.contents(), expected);
  });

test('unpacking ends with its signal', async t => {
  const place = await placeOf(t);
  const archive = join(place.into, '..', '..', 'archive');
  await writeFile(archive, tar);
  const options = { unpacking: { format: 'tar' as const }, limits: GENEROUS };
  const before = unpack(archive, place.into, { ...options, signal: AbortSignal.abort(new Error('enough')) });
  await assert.rejects(before, /enough/);
  const controller = new AbortController();
  const during = unpack(archive, place.into, { ...options, signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(during, /enough/);
  assert.deepEqual(await place.contents(), {});
});
