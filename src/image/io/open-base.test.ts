import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { BaseImage } from '../base-image.ts';
import { file, gathered, signal } from '../fixtures/layer-entries.ts';
import { debian, MadeUpRegistry } from '../fixtures/made-up-registry.ts';
import { base } from '../fixtures/recipe-to-build.ts';
import { folder, rejects } from '../fixtures/scratch.ts';
import type { ImageName } from '../image-name.ts';
import type { Platform } from '../platform.ts';
import type { Fetching } from './base/fetch-blob.ts';
import { BlobCache } from './cache/blob-cache.ts';
import { baseBlob, openBase } from './open-base.ts';

async function fetchingFrom(
  t: Pick<TestContext, 'after'>,
  registry: MadeUpRegistry,
  options: Partial<Fetching> = {},
): Promise<Fetching> {
  const cache = await BlobCache.open(await folder(t));
  return { cache, open: registry.open, random: { next: () => 0 }, signal: signal(), ...options };
}

async function opened(
  t: Pick<TestContext, 'after'>,
  registry: MadeUpRegistry,
  platform: Platform = 'linux/amd64',
  name: ImageName = base,
): Promise<BaseImage> {
  return openBase(name, platform, await fetchingFrom(t, registry));
}

test('a tag becomes the digest that it stands for', async t => {
  const registry = new MadeUpRegistry();
  const { digest } = await registry.image('1', { layers: [debian(), [file('a')]] });
  const image = await opened(t, registry);
  assert.deepEqual(image.name, { ...base, digest });
  assert.equal(image.digest, digest);
  assert.deepEqual([image.layers.length, image.contents.system], [2, { id: 'debian', version: '12' }]);
  assert.equal(image.contents.files.get('a')?.layer, 1);
});

test('a digest is asked for, whatever its tag stands for now', async t => {
  const registry = new MadeUpRegistry();
  const { digest } = await registry.image('1', {});
  await registry.image('1', { layers: [[file('newer')]] });
  assert.equal((await opened(t, registry, 'linux/amd64', { ...base, digest })).digest, digest);
});

for (const variant of [undefined, 'v8'])
  test(`of an index, the manifest for arm64 is taken (${variant ?? 'without a variant'})`, async t => {
    const registry = new MadeUpRegistry();
    const [amd, arm] = [await registry.push({}), await registry.push({ architecture: 'arm64' })];
    const index = registry.index('1', [
      { ...amd, platform: { os: 'unknown', architecture: 'unknown' } },
      { ...amd, platform: { os: 'windows', architecture: 'arm64' } },
      { ...amd, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
      { ...arm, platform: { os: 'linux', architecture: 'arm64', ...(variant && { variant }) } },
    ]);
    const image = await opened(t, registry, 'linux/arm64');
    assert.deepEqual([image.name.digest, image.digest], [index.digest, arm.digest]);
  });

test('what Docker calls its layers, the OCI has other names for', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', { layerType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' });
  const [layer] = (await opened(t, registry)).layers;
  assert.equal(layer?.descriptor.mediaType, 'application/vnd.oci.image.layer.v1.tar+gzip');
});

const unusable: readonly {
  name: string;
  make: (registry: MadeUpRegistry) => unknown;
  platform?: Platform;
  problem: RegExp;
}[] = [
  {
    name: 'an index without the platform',
    make: async registry => {
      const one = await registry.push({});
      registry.index('1', [
        { ...one, platform: { os: 'linux', architecture: 'amd64' } },
        { ...one, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
        { ...one, platform: { os: 'unknown', architecture: 'unknown' } },
      ]);
    },
    platform: 'linux/arm64',
    problem:
      /^made\.up\/library\/base:1@sha256:\w+ cannot be the base: it is for linux\/amd64, linux\/arm\/v7, and not for linux\/arm64$/,
  },
  {
    name: 'an index of nothing',
    make: registry => registry.index('1', []),
    problem: /no platform that it names/,
  },
  {
    name: 'an image of another machine',
    make: registry => registry.image('1', { architecture: 'arm64', variant: 'v8' }),
    problem: /it is for linux\/arm64\/v8, and not for linux\/amd64/,
  },
  {
    name: 'an index of indexes',
    make: registry => {
      const inner = registry.index('2', []);
      registry.index('1', [{ ...inner, platform: { os: 'linux', architecture: 'amd64' } }]);
    },
    problem: /is one more index/,
  },
  {
    name: 'one with fewer layers than its configuration says',
    make: registry => registry.image('1', { manifest: { layers: [] } }),
    problem: /it has 0 layers, and its configuration names 1/,
  },
  {
    name: 'a foreign layer',
    make: registry =>
      registry.image('1', { layerType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }),
    problem: /a layer that must not be passed on/,
  },
  {
    name: 'a layer that must not be distributed',
    make: registry =>
      registry.image('1', { layerType: 'application/vnd.oci.image.layer.nondistributable.v1.tar' }),
    problem: /must not be passed on/,
  },
  {
    name: 'an unknown layer',
    make: registry => registry.image('1', { layerType: 'application/x-secret' }),
    problem: /a layer of an unknown kind, 'application\/x-secret'/,
  },
  {
    name: 'an artifact',
    make: registry =>
      registry.document(
        'application/vnd.oci.image.manifest.v1+json',
        {
          config: {
            mediaType: 'application/vnd.oci.empty.v1+json',
            digest: `sha256:${'0'.repeat(64)}`,
            size: 2,
          },
          layers: [],
        },
        '1',
      ),
    problem: /it is no image, but application\/vnd\.oci\.empty\.v1\+json/,
  },
  {
    name: 'a configuration without layers',
    make: registry => registry.image('1', { config: { rootfs: { type: 'layers' } } }),
    problem: /its configuration is broken at rootfs\.diff_ids/,
  },
];

for (const { name, make, platform, problem } of unusable)
  test(`${name} is no base`, async t => {
    const registry = new MadeUpRegistry();
    await make(registry);
    await rejects(opened(t, registry, platform), 'base_unusable', problem);
  });

test('a base that is not there is told as the registry tells it', async t => {
  await rejects(opened(t, new MadeUpRegistry()), 'source_missing', /404, no 1/);
});

/** An image whose layers are fetched one by one. */
async function fetched(
  t: Pick<TestContext, 'after'>,
  registry: MadeUpRegistry,
  bytes = 300_000,
): Promise<{ read: () => Promise<Buffer>; fetching: Fetching; digest: string; size: number }> {
  const noise = Buffer.from(Array.from({ length: bytes }, (_, at) => (at * at * 31) % 251));
  await registry.image('1', { layers: [[file('a', noise)]] });
  const first = await opened(t, registry);
  const [layer] = first.layers;
  assert.ok(layer);
  const fetching = await fetchingFrom(t, registry);
  registry.asked.length = 0;
  registry.chunk = 100;
  const { digest, size } = layer.descriptor;
  return {
    read: () => gathered(baseBlob(layer, first.name, fetching).open(0, signal())),
    fetching,
    digest,
    size,
  };
}

test('a layer that breaks off is gone on with from where it was', async t => {
  const registry = new MadeUpRegistry();
  const { read, digest, size } = await fetched(t, registry);
  registry.cuts.push(200, 100);
  assert.ok(size > 400);
  const bytes = await read();
  assert.deepEqual(bytes, Buffer.from(registry.blobs.get(digest) ?? []));
  assert.deepEqual(registry.asked, [`blob ${digest}`, `blob ${digest} from 200`, `blob ${digest} from 300`]);
});

test('what an earlier build fetched of a layer is gone on with', async t => {
  const registry = new MadeUpRegistry();
  const { read, digest, fetching } = await fetched(t, registry);
  const bytes = registry.blobs.get(digest) ?? new Uint8Array(0);
  await writeFile(fetching.cache.partial(digest), bytes.subarray(0, 250));
  assert.deepEqual(await read(), Buffer.from(bytes));
  assert.deepEqual(registry.asked, [`blob ${digest} from 250`]);
  assert.deepEqual(await readdir(fetching.cache.partials), [`${digest.slice(7)}.lock`]);
});

for (const [name, left] of [
  ['damaged', 250],
  ['longer than it can be', 10_000_000],
] as const)
  test(`what an earlier build left is fetched anew where it is ${name}`, async t => {
    const registry = new MadeUpRegistry();
    const { read, digest, fetching } = await fetched(t, registry);
    await writeFile(fetching.cache.partial(digest), Buffer.alloc(left));
    assert.deepEqual(await read(), Buffer.from(registry.blobs.get(digest) ?? []));
  });

test('a layer that breaks off again and again is given up, and what has come of it stays', async t => {
  const registry = new MadeUpRegistry();
  const { read, digest, fetching } = await fetched(t, registry);
  registry.cuts.push(100, 0, 0, 0, 0);
  const pauses = t.mock.method(fetching.random, 'next');
  await rejects(
    read(),
    'source_unavailable',
    /^made\.up\/library\/base:1@sha256:\w+: the blob sha256:\w+ broke off: socket hang up/,
  );
  assert.equal(pauses.mock.callCount(), 4);
  registry.asked.length = 0;
  await read();
  assert.deepEqual(registry.asked, [`blob ${digest} from 100`]);
});

test('a layer with other bytes than its digest says is not taken', async t => {
  const registry = new MadeUpRegistry();
  const { read, digest, size, fetching } = await fetched(t, registry);
  registry.blobs.set(digest, Buffer.alloc(size));
  await rejects(read(), 'digest_mismatch', /a blob has the digest sha256:\w+, and sha256:\w+ is expected/);
  assert.deepEqual(await readdir(fetching.cache.blobs), []);
  registry.blobs.set(digest, Buffer.alloc(size + 1));
  await rejects(read(), 'source_invalid', /has more bytes than its manifest says/);
});

test('of several that want a layer at once, one fetches it', async t => {
  const registry = new MadeUpRegistry();
  const { read, digest } = await fetched(t, registry);
  const all = await Promise.all([read(), read(), read()]);
  assert.ok(all.every(bytes => bytes.equals(registry.blobs.get(digest) ?? new Uint8Array(0))));
  assert.deepEqual(registry.asked, [`blob ${digest}`]);
});

test('a cache that cannot be written is told with its path', async t => {
  const path = join(await folder(t), 'cache');
  await writeFile(path, '');
  await rejects(BlobCache.open(path), 'image_unwritable', /cache cannot be written: /);
  const registry = new MadeUpRegistry();
  const { read, fetching, digest } = await fetched(t, registry);
  await mkdir(fetching.cache.partial(digest));
  await rejects(read(), 'image_unwritable', /cannot be written: EISDIR/);
});
