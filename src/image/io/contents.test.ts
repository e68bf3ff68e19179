import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { BaseContents } from '../base-image.ts';
import { type LayerToRead, layerOf, type Made, tarOf } from '../fixtures/layers-to-read.ts';
import { digestOf } from '../oci/documents.ts';
import { contentsOf } from './contents.ts';
import { scanLayer } from './scan-layer.ts';

const { signal } = new AbortController();
const link = (linkname: string): Made[1] => ({ type: 'symlink', linkname });
const folder: Made[1] = { type: 'directory' };

const debian: readonly Made[] = [
  ['./', folder],
  ['usr/lib/', folder],
  ['lib', link('usr/lib')],
  ['etc/os-release', link('../usr/lib/os-release')],
  ['usr/lib/os-release', 'ID=debian\nVERSION_ID="12"\n'],
  ['dev/null', { type: 'character-device' }],
  [
    'var/lib/dpkg/status',
    'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
  ],
  ['var/lib/dpkg/info/libc6:amd64.list', '/.\n/lib\n/lib/libc.so.6\n/usr/share/doc/libc6\n'],
  ['usr/lib/libc.so.6', 'x'.repeat(1500)],
  ['usr/lib/other', 'other'],
];

async function cacheOf(t: TestContext): Promise<string> {
  const cache = await mkdtemp(join(tmpdir(), 'fairlead-contents-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  return cache;
}

async function contents(t: TestContext, ...layers: readonly LayerToRead[]): Promise<BaseContents> {
  return contentsOf(layers, { cache: await cacheOf(t), signal });
}

test('packages, their files through links of folders, and the system are known', async t => {
  const found = await contents(t, await layerOf(debian));
  assert.deepEqual(found.packages, [
    {
      kind: 'deb',
      name: 'libc6',
      version: '2.36-9',
      architecture: 'amd64',
      source: { name: 'glibc', version: '2.36-9' },
      supplier: undefined,
      bytes: 1500,
    },
  ]);
  assert.deepEqual(found.system, { id: 'debian', version: '12' });
  assert.deepEqual(found.files.get('usr/lib/libc.so.6'), {
    kind: 'file',
    size: 1500,
    layer: 0,
    owner: 'deb:libc6',
  });
  assert.deepEqual(found.files.get('lib'), {
    kind: 'link',
    size: 0,
    layer: 0,
    target: 'usr/lib',
    owner: 'deb:libc6',
  });
  assert.deepEqual(found.files.get('dev/null'), { kind: 'file', size: 0, layer: 0 });
  assert.equal(found.files.has('lib/libc.so.6'), false);
});

for (const packing of ['', '+gzip', '+zstd'] as const)
  test(`a layer of type tar${packing} is read once, and known from then on`, async t => {
    const cache = await cacheOf(t);
    const layer = await layerOf(debian, packing);
    const first = await contentsOf([layer], { cache, signal });
    assert.deepEqual(await contentsOf([layer], { cache, signal }), first);
    assert.equal(layer.opened, 1);
    assert.deepEqual(await readdir(join(cache, 'scans')), [`${layer.diffId.slice(7)}.json`]);
  });

/** What another release kept is no damage: its digest is right. */
function kept(text: string, change: (scan: string) => string): string {
  const scan = change(text.slice(text.indexOf('\n') + 1));
  return `${digestOf(Buffer.from(scan))}\n${scan}`;
}

const damages: readonly (readonly [string, (text: string, id: string) => string])[] = [
  ['is cut off', text => text.slice(0, 100)],
  ['is empty', () => ''],
  ['is of another release', text => kept(text, scan => scan.replace(/"version":\d+/, '"version":0'))],
  ['is of another layer', (text, id) => kept(text, scan => scan.replace(id, id.replace(/.$/, 'z')))],
  ['has rows of another kind', text => kept(text, scan => scan.replaceAll('"file"', '"device"'))],
  ['has another letter', text => text.replace('libc6', 'libc7')],
];

for (const [name, damage] of damages)
  test(`what is kept of a layer is made anew where it ${name}`, async t => {
    const cache = await cacheOf(t);
    const layer = await layerOf(debian);
    const first = await contentsOf([layer], { cache, signal });
    const path = join(cache, 'scans', `${layer.diffId.slice(7)}.json`);
    const text = await readFile(path, 'utf8');
    await writeFile(path, damage(text, layer.diffId));
    assert.deepEqual(await contentsOf([layer], { cache, signal }), first);
    assert.equal(layer.opened, 2);
    assert.equal(await readFile(path, 'utf8'), text);
  });

test('a layer that is not what its image says is refused, and nothing is kept of it', async t => {
  const cache = await cacheOf(t);
  const layer = { ...(await layerOf(debian)), diffId: `sha256:${'0'.repeat(64)}` };
  await assert.rejects(contentsOf([layer], { cache, signal }), {
    code: 'image_invalid',
    message: /the layer sha256:000000000000… ?: it comes to sha256:/,
  });
  assert.deepEqual(await readdir(cache), []);
});

test('a digest that is none names no file', async t => {
  const layer = { ...(await layerOf([])), diffId: 'sha256:../../x' };
  await assert.rejects(contents(t, layer), { code: 'image_invalid' });
});

test('a layer that is cut off is refused', async t => {
  const whole = await layerOf(debian);
  const cut: LayerToRead = {
    ...whole,
    async *open() {
      for await (const chunk of whole.open(signal)) {
        yield chunk.subarray(0, 200);
        return;
      }
    },
  };
  await assert.rejects(contents(t, cut), { code: 'archive_invalid', message: /is cut off/ });
});

test('a cache that cannot be written is told of', async t => {
  const cache = await cacheOf(t);
  await writeFile(join(cache, 'scans'), '');
  await assert.rejects(contentsOf([await layerOf([])], { cache, signal }), { code: 'image_unwritable' });
});

test('reading ends with its signal', async t => {
  const controller = new AbortController();
  const layer = await layerOf(debian);
  const [header] = [await tarOf(['a', 'x'.repeat(100_000)])].map(tar => tar.subarray(0, 512));
  const stopped: LayerToRead = {
    diffId: layer.diffId,
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    async *open() {
      yield header ?? assert.fail();
      for (let count = 0; ; count++) {
        assert.ok(count < 10, 'it reads on');
        if (count === 5) controller.abort(new Error('enough'));
        yield Buffer.alloc(512, 'x');
      }
    },
  };
  const options = { cache: await cacheOf(t), signal: controller.signal };
  await assert.rejects(contentsOf([stopped], options), /^Error: enough$/);
  await assert.rejects(contentsOf([layer], options), /^Error: enough$/);
  assert.equal(layer.opened, 0);
});

const limits = { entries: 100, names: 1000, text: 1000, texts: 1500, tar: 100_000 };
const bombs: readonly (readonly [string, readonly Made[], RegExp])[] = [
  ['entries', Array.from({ length: 101 }, (_, index) => [`${index}`, ''] as const), /more entries/],
  [
    'names',
    Array.from({ length: 20 }, (_, index) => [`${'n'.repeat(90)}${index}`, ''] as const),
    /longer names/,
  ],
  ['a text', [['var/lib/dpkg/status', 'x'.repeat(1001)]], /'var\/lib\/dpkg\/status' is larger/],
  [
    'texts',
    [
      ['var/lib/dpkg/status', 'x'.repeat(900)],
      ['lib/apk/db/installed', 'x'.repeat(900)],
    ],
    /larger lists/,
  ],
  ['bytes', [['a', 'x'.repeat(100_001)]], /as a bomb does/],
];

for (const [name, made, message] of bombs)
  test(`a layer with too much is refused: ${name}`, async () => {
    await assert.rejects(scanLayer(await layerOf(made), signal, limits), {
      code: 'archive_invalid',
      message,
    });
  });
