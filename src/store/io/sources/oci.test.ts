import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { AppError } from '#base';
import { TestRegistry } from '../../fixtures/registry.ts';
import {
  digestOf,
  IMAGE_CONFIG,
  LAYER,
  type LayerToPush,
  noRegistry,
  type Pushed,
  pushIndex,
  pushManifest,
  Repository,
  type Shelf,
  titled,
} from '../../fixtures/repository.ts';
import { type TarEntry, tarOf } from '../../fixtures/tar.ts';
import { GENEROUS } from '../../fixtures/unpacking.ts';
import { architectureOf } from '../../oci/choose.ts';
import type { Listing, Source } from '../../source.ts';
import { parseReference } from '../../uri/parse.ts';
import { unpack } from '../archive/unpack.ts';
import { openSource } from '../sources.ts';

const signal = (): AbortSignal => AbortSignal.timeout(30_000);
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The same in a real registry, and in one that has the referrers' API. */
const shelves: readonly {
  name: string;
  skip: string | false;
  open: (t: TestContext) => Promise<OpenShelf>;
}[] = [
  {
    name: 'a real registry',
    skip: noRegistry,
    open: async t => {
      const repository = new Repository(t);
      return { shelf: repository, at: `oci://${repository.registry}/${repository.name}` };
    },
  },
  {
    name: 'a registry of 1.1',
    skip: false,
    open: async t => {
      const registry = await TestRegistry.start(t);
      return { shelf: registry, at: `oci://${registry.host}/a/b` };
    },
  },
];

interface OpenShelf {
  readonly shelf: Shelf;
  /** A URI without a tag. */
  readonly at: string;
}

async function sourceOf(t: TestContext, uri: string): Promise<Source> {
  const reference = parseReference(uri);
  assert.ok(reference.ok, uri);
  const options = { patienceMs: 10_000, connections: 4, environment: { HOME: '/nonexistent' } };
  const source = await openSource(reference.value, uri, options);
  t.after(() => source.close());
  return source;
}

/** All that a URI leads to, fetched and unpacked as a store does; signatures too. */
async function pulled(
  t: TestContext,
  uri: string,
): Promise<{ listing: Listing; files: Record<string, string> }> {
  const source = await sourceOf(t, uri);
  const listing = await source.list(signal());
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-oci-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const into = join(folder, 'into');
  await mkdir(into);
  for (const file of listing.files) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await source.read(file, undefined, signal())) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    assert.equal(`sha256:${file.checksum?.hex}`, digestOf(bytes));
    const to = file.unpack === undefined ? join(into, file.path) : join(folder, 'archive');
    await mkdir(join(to, '..'), { recursive: true });
    await writeFile(to, bytes);
    if (file.unpack !== undefined) await unpack(to, into, { unpacking: file.unpack, limits: GENEROUS });
  }
  return { listing, files: await filesIn(into) };
}

async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const read = paths
    .toSorted()
    .map(async path => [path.slice(folder.length + 1), await readFile(path, 'utf8')]);
  return Object.fromEntries(await Promise.all(read)) as Record<string, string>;
}

const layer = (...entries: readonly TarEntry[]): LayerToPush => ({
  bytes: gzipSync(tarOf(...entries)),
  mediaType: `${LAYER}+gzip`,
});
const system = layer({ name: 'bin/sh', body: 'sh' }, { name: 'etc/passwd', body: 'root' });
const file = (name: string, body: string): TarEntry => ({ name, body });
/** So much that does not pack well comes before the models that nobody sees them at first. */
const noise = Array.from({ length: 90_000 }, (_, index) => digestOf(Buffer.from(`${index}`))).join('');

const kinds: readonly {
  name: string;
  layers: readonly LayerToPush[];
  config?: string;
  files: Readonly<Record<string, string>>;
}[] = [
  {
    name: 'a modelcar on nothing',
    config: IMAGE_CONFIG,
    layers: [layer(file('models/1/m.onnx', 'm'))],
    files: { '1/m.onnx': 'm' },
  },
  {
    name: 'a modelcar on a system, whose layers lie over one another',
    config: IMAGE_CONFIG,
    layers: [
      system,
      layer({ name: 'models/', type: '5' }, file('models/a', 'old'), file('models/b', 'b')),
      {
        bytes: zstdCompressSync(tarOf(file('models/a', 'new'), file('models/.wh.b', ''))),
        mediaType: `${LAYER}+zstd`,
      },
    ],
    files: { a: 'new' },
  },
  {
    name: 'a modelcar in one layer with a large system',
    config: IMAGE_CONFIG,
    layers: [layer(file('bin/sh', noise), file('models/m.onnx', 'm'))],
    files: { 'm.onnx': 'm' },
  },
  {
    name: 'an image that is nothing but a model',
    config: IMAGE_CONFIG,
    layers: [layer(file('m.onnx', 'm')), layer(file('more/w.bin', 'w'))],
    files: { 'm.onnx': 'm', 'more/w.bin': 'w' },
  },
  {
    name: 'an artifact of ORAS with a folder',
    layers: [
      titled('m.onnx', 'm'),
      {
        bytes: gzipSync(tarOf(file('d/a', 'a'))),
        mediaType: `${LAYER}+gzip`,
        annotations: { 'org.opencontainers.image.title': 'd', 'io.deis.oras.content.unpack': 'true' },
      },
    ],
    files: { 'd/a': 'a', 'm.onnx': 'm' },
  },
  {
    name: 'a ModelPack',
    config: 'application/vnd.cncf.model.config.v1+json',
    layers: [
      {
        bytes: Buffer.from('w'),
        mediaType: 'application/vnd.cncf.model.weight.v1.raw',
        annotations: { 'org.cncf.model.filepath': 'w.safetensors' },
      },
      {
        bytes: tarOf(file('config.json', '{}')),
        mediaType: 'application/vnd.cncf.model.weight.config.v1.tar',
        annotations: { 'org.cncf.model.filepath': 'config.json' },
      },
    ],
    files: { 'config.json': '{}', 'w.safetensors': 'w' },
  },
];

for (const { name: where, skip, open } of shelves) {
  for (const { name, files, ...manifest } of kinds)
    test(`${where}: ${name} is read`, { skip }, async t => {
      const { shelf, at } = await open(t);
      const pushed = await pushManifest(shelf, manifest, 'v1');
      const found = await pulled(t, `${at}:v1`);
      assert.deepEqual(found.files, files);
      assert.equal(found.listing.revision, pushed.digest);
      const pinned = await pulled(t, `${at}@${pushed.digest}`);
      assert.deepEqual(pinned.listing, found.listing);
    });

  test(`${where}: without a tag it is the latest, and another push is another revision`, {
    skip,
  }, async t => {
    const { shelf, at } = await open(t);
    const first = await pushManifest(shelf, { layers: [titled('a', 'x')] }, 'latest');
    assert.equal((await pulled(t, at)).listing.revision, first.digest);
    const second = await pushManifest(shelf, { layers: [titled('a', 'y')] }, 'latest');
    const found = await pulled(t, at);
    assert.equal(found.listing.revision, second.digest);
    assert.deepEqual(found.files, { a: 'y' });
  });

  test(`${where}: of an index the manifest for this machine is read`, { skip }, async t => {
    const { shelf, at } = await open(t);
    const own = await pushManifest(shelf, { layers: [titled('own', 'x')] });
    const other = await pushManifest(shelf, { layers: [titled('other', 'x')] });
    const platform = (architecture: string): object => ({ platform: { os: 'linux', architecture } });
    const manifests = [
      { ...other, ...platform('s390x') },
      { ...own, ...platform(architectureOf(process.arch)) },
    ];
    await pushIndex(shelf, manifests, 'v1');
    const { files, listing } = await pulled(t, `${at}:v1`);
    assert.deepEqual([files, listing.revision], [{ own: 'x' }, own.digest]);
  });

  test(`${where}: signatures that refer to it lie beside it`, { skip }, async t => {
    const { shelf, at } = await open(t);
    const subject = await pushManifest(shelf, { layers: [titled('m.onnx', 'm')] }, 'v1');
    const bundle = { bytes: Buffer.from('{"a bundle":1}'), mediaType: bundleType };
    const referring = await pushManifest(shelf, { layers: [bundle], artifactType: bundleType, subject });
    const note = { bytes: Buffer.from('{}'), mediaType: 'application/spdx+json' };
    const other = await pushManifest(shelf, {
      layers: [note],
      artifactType: 'application/spdx+json',
      subject,
    });
    if (where === 'a real registry') await fallBack(shelf, subject, referring, other);
    const { files } = await pulled(t, `${at}:v1`);
    const path = `${digestOf(bundle.bytes).replace(':', '-')}.sigstore.json`;
    assert.deepEqual(files, { 'm.onnx': 'm', [path]: '{"a bundle":1}' });
  });
}

/** As a client keeps the list of what refers to a digest where the registry does not. */
async function fallBack(shelf: Shelf, subject: Pushed, bundle: Pushed, other: Pushed): Promise<void> {
  const manifests = [
    { ...bundle, artifactType: bundleType },
    { ...other, artifactType: 'application/spdx+json' },
  ];
  await pushIndex(shelf, manifests, subject.digest.replace(':', '-'));
}

async function refusal(
  t: TestContext,
  push: (shelf: Shelf) => Promise<unknown>,
  tag = 'v1',
): Promise<AppError> {
  const registry = await TestRegistry.start(t);
  await push(registry);
  const source = await sourceOf(t, `oci://${registry.host}/a/b:${tag}`);
  const error = await source.list(signal()).then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AppError, String(error));
  assert.ok(error.message.startsWith(`oci://${registry.host}/a/b:${tag}: `), error.message);
  return error;
}

const index = (manifests: readonly object[]) => (shelf: Shelf) => pushIndex(shelf, manifests, 'v1');
const manifest = (layers: readonly LayerToPush[], config?: string) => (shelf: Shelf) =>
  pushManifest(shelf, { layers, ...(config && { config }) }, 'v1');

const refused: readonly {
  name: string;
  push: (shelf: Shelf) => Promise<unknown>;
  code: string;
  message: RegExp;
}[] = [
  {
    name: 'a system without models',
    push: manifest([system], IMAGE_CONFIG),
    code: 'source_missing',
    message: /no folder \/models, which is where a modelcar has its model/,
  },
  {
    name: 'what is no model',
    push: manifest([{ bytes: Buffer.from('x'), mediaType: 'application/wasm' }]),
    code: 'source_invalid',
    message: /layers of application\/wasm/,
  },
  {
    name: 'a name that leads out',
    push: manifest([titled('../../etc/passwd', 'x')]),
    code: 'source_invalid',
    message: /not a file's/,
  },
  { name: 'an empty index', push: index([]), code: 'source_invalid', message: /holds nothing/ },
  {
    name: 'indexes without end',
    push: async shelf => {
      let next: Pushed = await pushManifest(shelf, { layers: [titled('a', 'x')] });
      for (let depth = 0; depth < 4; depth++) next = await pushIndex(shelf, [next], 'v1');
    },
    code: 'source_invalid',
    message: /more than 3 times over/,
  },
];

for (const { name, push, code, message } of refused)
  test(`it is refused: ${name}`, async t => {
    const error = await refusal(t, push);
    assert.equal(error.code, code);
    assert.match(error.message, message);
  });

test('of a real registry, a tag that is not there is missing, with one that was meant', {
  skip: noRegistry,
}, async t => {
  const repository = new Repository(t);
  await pushManifest(repository, { layers: [titled('a', 'x')] }, 'stable');
  const at = `oci://${repository.registry}/${repository.name}`;
  const source = await sourceOf(t, `${at}:stabel`);
  await assert.rejects(source.list(signal()), {
    code: 'source_missing',
    message: `${at}:stabel: status 404, manifest unknown; did you mean ${at}:stable?`,
  });
});

test('signatures that the registry refuses to show are none', async t => {
  const registry = await TestRegistry.start(t, (request, response) => {
    if (!/referrers|sha256-/.test(request.url ?? '')) return false;
    response.writeHead(401).end();
    return true;
  });
  await pushManifest(registry, { layers: [titled('a', 'x')] }, 'v1');
  const { files } = await pulled(t, `oci://${registry.host}/a/b:v1`);
  assert.deepEqual(files, { a: 'x' });
});
