import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tarOf } from '../../fixtures/tar.ts';
import { layerEntries } from './layer-entries.ts';

const tar = tarOf(
  { name: 'a', body: 'x' },
  { name: '.wh.b' },
  { name: 'c', type: '1', target: 'a' },
  { name: 'n', type: '3' },
);
const OCI = 'application/vnd.oci.image.layer.v1.tar';
const DOCKER = 'application/vnd.docker.image.rootfs.diff.tar';

/** In one block that is used again and again, as a connection does. */
async function* blocks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(64);
  for (let at = 0; at < bytes.length; at += block.length) {
    const part = bytes.subarray(at, at + block.length);
    block.set(part);
    yield block.subarray(0, part.length);
  }
}

async function namesOf(
  bytes: Uint8Array,
  mediaType: string,
  onTar: (chunk: Uint8Array) => void = () => {},
): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, kind } of layerEntries({
    called: 'the layer',
    mediaType,
    bytes: blocks(bytes),
    onTar,
  }))
    names.push(`${name} ${kind}`);
  return names;
}

const halves = [tar.subarray(0, 700), tar.subarray(700)];
const cases: readonly (readonly [string, Uint8Array])[] = [
  [OCI, tar],
  [`${OCI}+gzip`, gzipSync(tar)],
  [`${OCI}+zstd`, zstdCompressSync(tar)],
  [`${OCI}+zstd`, Buffer.concat(halves.map(half => zstdCompressSync(half)))],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', gzipSync(tar)],
  [`${DOCKER}.gzip`, Buffer.concat(halves.map(half => gzipSync(half)))],
];

for (const [mediaType, bytes] of cases)
  test(`a layer of ${bytes.length} bytes is read as ${mediaType}, and all of its tar file is told`, async () => {
    const hash = createHash('sha256');
    const names = await namesOf(bytes, mediaType, chunk => void hash.update(chunk));
    assert.deepEqual(names, ['a file', '.wh.b file', 'c hard link', 'n device']);
    assert.equal(hash.digest('hex'), createHash('sha256').update(tar).digest('hex'));
  });

const bad: readonly (readonly [string, string, Uint8Array, RegExp])[] = [
  [
    'of another type',
    'text/plain',
    tar,
    /the layer is not unpacked: is no layer of an image, but text\/plain/,
  ],
  ['that is cut off', `${OCI}+gzip`, gzipSync(tar).subarray(0, -9), /is cut off/],
  ['that is no tar file', OCI, Buffer.alloc(2048, 'x'), /broken header/],
];

for (const [name, mediaType, bytes, message] of bad)
  test(`a layer ${name} is refused`, async () => {
    await assert.rejects(namesOf(bytes, mediaType), { code: 'archive_invalid', message });
  });

test('what goes wrong where the bytes come from is told as it is', async () => {
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield gzipSync(tar).subarray(0, 30);
    throw new Error('the connection was lost');
  }
  const entries = layerEntries({ called: 'it', mediaType: `${OCI}+gzip`, bytes: cut() });
  await assert.rejects(async () => {
    for await (const _ of entries);
  }, /the connection was lost/);
});
