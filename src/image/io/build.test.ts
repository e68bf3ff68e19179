import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { chmod, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Built } from '../built.ts';
import type { Content } from '../content.ts';
import { file, gathered, signal, unpackedTar } from '../fixtures/layer-entries.ts';
import { debian, debianArm, MadeUpRegistry, nodeImage } from '../fixtures/made-up-registry.ts';
import { base, modelIn, node, optionsFor, recipe } from '../fixtures/recipe-to-build.ts';
import { folder, rejects } from '../fixtures/scratch.ts';
import { buildImage } from './build.ts';

interface Manifest {
  readonly config: { digest: string };
  readonly layers: readonly { digest: string; mediaType: string; annotations?: Record<string, string> }[];
  readonly annotations: Record<string, string>;
}

const manifestOf = ({ images }: Built, at = 0): Manifest =>
  JSON.parse(Buffer.from(images[at]?.manifest.bytes ?? []).toString()) as Manifest;

async function bytesOf({ blobs }: Content, digest: string | undefined): Promise<Buffer> {
  const blob = blobs.find(one => one.digest === digest);
  assert.ok(blob, `no blob ${digest}`);
  return gathered(blob.open(0, signal()));
}

interface Config {
  readonly architecture: string;
  readonly variant?: string;
  readonly config: Record<string, unknown>;
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history: readonly object[];
}

async function configOf(built: Built, at = 0): Promise<Config> {
  const bytes = await bytesOf(built.content, manifestOf(built, at).config.digest);
  return JSON.parse(bytes.toString()) as Config;
}

const digestsOf = ({ content: { top, documents, blobs } }: Built): readonly string[] =>
  [top, ...documents, ...blobs].map(({ digest }) => digest);

test('two builds, in two folders, of files of other times and modes, are the same bytes', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const builds: Built[] = [];
  for (const mode of [0o600, 0o755]) {
    const model = await modelIn(await folder(t), 'digits', 'weights');
    const [{ from } = { from: '' }] = model.entries as readonly { from: string }[];
    await chmod(from, mode);
    await utimes(from, mode, mode);
    builds.push(await buildImage({ ...recipe, models: [model] }, await optionsFor(t, registry)));
  }
  const [one, other] = builds as [Built, Built];
  assert.deepEqual(digestsOf(one), digestsOf(other));
  for (const { digest } of one.content.blobs)
    assert.deepEqual(await bytesOf(one.content, digest), await bytesOf(other.content, digest));
});

test('another model is another layer, and no other layer is another one', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const [options, path] = [await optionsFor(t, registry), await folder(t)];
  const layersWith = async (weights: string): Promise<readonly string[]> => {
    const models = [
      await modelIn(path, 'a', 'same'),
      await modelIn(path, 'b', weights),
      await modelIn(path, 'c', 'same'),
    ];
    return manifestOf(await buildImage({ ...recipe, models }, options)).layers.map(({ digest }) => digest);
  };
  const [before, after] = [await layersWith('one'), await layersWith('two')];
  const changed = before.flatMap((digest, at) => (digest === after[at] ? [] : [at]));
  // Two of the base, dependencies, program, settings, and the models a, b and c.
  assert.equal(before.length, 8);
  assert.deepEqual(changed, [6]);
});

test('every layer is gzip, and a model is in it as it is', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const model = await modelIn(await folder(t), 'digits', 'weights');
  const built = await buildImage({ ...recipe, models: [model] }, await optionsFor(t, registry));
  const { layers } = manifestOf(built);
  const own = layers
    .slice(2)
    .map(({ mediaType, annotations = {} }) => [
      annotations['dev.fairlead.layer.role'],
      mediaType.slice('application/vnd.oci.image.layer.v1.'.length),
    ]);
  assert.deepEqual(own, [
    ['dependencies', 'tar+gzip'],
    ['program', 'tar+gzip'],
    ['settings', 'tar+gzip'],
    ['model', 'tar+gzip'],
  ]);
  assert.equal(layers[5]?.annotations?.['dev.fairlead.model.digest'], model.digest);
  const bytes = await bytesOf(built.content, layers[5]?.digest);
  assert.ok(bytes.includes('weights'), 'it is not packed');
  const files = await unpackedTar(gunzipSync(bytes));
  assert.equal(files['models/digits/1/model.onnx'], `file ${Buffer.from('weights').toString('hex')}`);
});

test('what is said of a layer is what it is', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const built = await buildImage(recipe, await optionsFor(t, registry));
  const { rootfs, history } = await configOf(built);
  const layers = built.images[0]?.layers ?? [];
  assert.deepEqual(
    rootfs.diff_ids.slice(2),
    layers.map(({ diffId }) => diffId),
  );
  assert.equal(history.length, rootfs.diff_ids.length);
  for (const { digest, size, unpackedSize } of layers) {
    const bytes = await bytesOf(built.content, digest);
    assert.deepEqual([bytes.length, gunzipSync(bytes).length], [size, unpackedSize]);
  }
});

test('what runs is said over what the base says', async t => {
  const registry = new MadeUpRegistry();
  const run = {
    ...nodeImage().run,
    Cmd: ['node'],
    Volumes: { '/data': {} },
    Labels: { vendor: 'v', 'org.opencontainers.image.title': 'base' },
  };
  await registry.image('1', { ...nodeImage(), run });
  const built = await buildImage(recipe, await optionsFor(t, registry, { epoch: 1_700_000_000 }));
  const { digest = '' } = built.images[0]?.base ?? {};
  assert.deepEqual((await configOf(built)).config, {
    User: '65532:65532',
    ExposedPorts: { '8500/tcp': {}, '8501/tcp': {} },
    Env: ['PATH=/bin', 'NODE_VERSION=24.21.0', 'NODE_ENV=production'],
    Entrypoint: ['/usr/local/bin/node', '/opt/fairlead/fairlead.js'],
    Cmd: ['serve'],
    WorkingDir: '/',
    StopSignal: 'SIGTERM',
    Labels: {
      vendor: 'v',
      'org.opencontainers.image.title': 'digits',
      'org.opencontainers.image.created': '2023-11-14T22:13:20Z',
      'org.opencontainers.image.base.name': 'made.up/library/base:1',
      'org.opencontainers.image.base.digest': digest,
    },
  });
});

test('the same files are packed once, also by the next build', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const phases = new Set<string>();
  const options = await optionsFor(t, registry, { tell: ({ phase }) => phases.add(phase) });
  const first = await buildImage(recipe, options);
  assert.ok(phases.has('pack fairlead'));
  phases.clear();
  assert.deepEqual(digestsOf(await buildImage(recipe, options)), digestsOf(first));
  assert.deepEqual(
    [...phases].filter(phase => phase.startsWith('pack')),
    [],
  );
});

test('layers that were damaged in the cache, or are gone from it, are made anew when somebody wants their bytes', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const options = await optionsFor(t, registry);
  const first = await buildImage(recipe, options);
  const layers = manifestOf(first).layers.map(({ digest }) => digest);
  const right = await Promise.all(layers.map(digest => bytesOf(first.content, digest)));
  const second = await buildImage(recipe, options);
  for (const [at, digest] of layers.entries()) {
    const path = join(options.cache, 'blobs', 'sha256', digest.slice(7));
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(path, bytes);
    assert.deepEqual(await bytesOf(second.content, digest), right[at]);
  }
  for (const name of await readdir(join(options.cache, 'blobs', 'sha256')))
    await writeFile(join(options.cache, 'blobs', 'sha256', name), '');
  for (const [at, digest] of layers.entries())
    assert.deepEqual(await bytesOf(second.content, digest), right[at]);
});

test('what was noted of the base and of layers is made anew where a byte of it has changed', async t => {
  const registry = new MadeUpRegistry();
  for (const tag of ['1', '24']) await registry.image(tag, nodeImage());
  const options = await optionsFor(t, registry);
  const first = await buildImage({ ...recipe, node }, options);
  for (const notes of ['scans', 'layers'])
    for (const name of await readdir(join(options.cache, notes))) {
      const path = join(options.cache, notes, name);
      const text = await readFile(path, 'utf8');
      // Still of the same shape: only a name is another one.
      const changed =
        notes === 'scans'
          ? text.replace('etc/os', 'etd/os').replace('bin/node', 'bim/node')
          : text.replace(/:\d+\}$/, ':7}');
      assert.notEqual(changed, text);
      await writeFile(path, changed);
    }
  assert.deepEqual(digestsOf(await buildImage({ ...recipe, node }, options)), digestsOf(first));
});

test('builds at once over one cache make the same image', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const options = await optionsFor(t, registry);
  const builds = await Promise.all([1, 2, 3].map(() => buildImage(recipe, options)));
  assert.equal(new Set(builds.map(one => digestsOf(one).join())).size, 1);
  assert.deepEqual(
    (await readdir(join(options.cache, 'partial'))).filter(name => !name.endsWith('.lock')),
    [],
  );
});

test('builds at once pack what is the same for them once', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  let packed = 0;
  const options = await optionsFor(t, registry, {
    // The bytes of the program come in one piece.
    tell: ({ phase, done, total }) => (packed += Number(phase === 'pack fairlead' && done === total)),
  });
  await Promise.all([1, 2, 3].map(() => buildImage(recipe, options)));
  assert.equal(packed, 1);
});

test('builds that were killed while they packed leave one piece of it, which the next one clears away', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const seen: string[] = [];
  const partials = async (): Promise<readonly string[]> =>
    (await readdir(join(options.cache, 'partial'))).filter(name => !name.endsWith('.lock'));
  const options = await optionsFor(t, registry, {
    tell: ({ phase }) =>
      phase === 'pack fairlead' && seen.push(...readdirSync(join(options.cache, 'partial'))),
  });
  await buildImage(recipe, options);
  const [half = ''] = seen.filter(name => !name.endsWith('.lock'));
  await writeFile(join(options.cache, 'partial', half), 'as a kill leaves it');
  await rm(join(options.cache, 'layers'), { recursive: true });
  await buildImage(recipe, options);
  assert.deepEqual(await partials(), []);
});

test('an index of several platforms shares what is the same for all', async t => {
  const registry = new MadeUpRegistry();
  const pointers = [
    await registry.push(nodeImage()),
    await registry.push({ ...nodeImage('arm64'), variant: 'v8' }),
  ];
  registry.index('1', [
    { ...pointers[0], platform: { os: 'linux', architecture: 'amd64' } },
    { ...pointers[1], platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { ...pointers[0], platform: { os: 'unknown', architecture: 'unknown' } },
  ]);
  const packed: string[] = [];
  const options = await optionsFor(t, registry, {
    platforms: ['linux/arm64', 'linux/amd64'],
    tell: ({ phase, done, total }) => done === total && phase.startsWith('pack') && packed.push(phase),
  });
  const built = await buildImage(recipe, options);
  const { manifests } = JSON.parse(Buffer.from(built.content.top.bytes).toString()) as {
    manifests: { digest: string; platform: object }[];
  };
  assert.deepEqual(
    manifests.map(({ platform }) => platform),
    [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ],
  );
  assert.deepEqual(
    manifests.map(({ digest }) => digest),
    built.images.map(({ manifest }) => manifest.digest),
  );
  const [amd, arm] = [manifestOf(built, 0), manifestOf(built, 1)].map(({ layers }) =>
    layers.map(({ digest }) => digest),
  );
  assert.equal(amd?.filter(digest => arm?.includes(digest)).length, 2);
  assert.deepEqual(packed.toSorted(), [
    'pack fairlead',
    'pack onnxruntime',
    'pack onnxruntime',
    'pack settings',
  ]);
  assert.deepEqual(
    [(await configOf(built, 1)).architecture, (await configOf(built, 1)).variant],
    ['arm64', 'v8'],
  );
  // What tags stand for is asked once.
  assert.deepEqual(registry.asked.filter(one => one === 'manifest 1').length, 1);
});

test('what is attached says of which manifest it is, and comes after it', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const { content, images } = await buildImage(recipe, await optionsFor(t, registry));
  assert.deepEqual(
    content.documents.map(({ artifactType }) => artifactType),
    ['application/spdx+json', 'application/vnd.in-toto+json'],
  );
  for (const { bytes, subject, artifactType } of content.documents) {
    const {
      config,
      layers,
      subject: named,
    } = JSON.parse(Buffer.from(bytes).toString()) as Manifest & { subject: object };
    assert.equal(subject, images[0]?.manifest.digest);
    assert.deepEqual(named, {
      digest: subject,
      mediaType: images[0]?.manifest.mediaType,
      size: images[0]?.manifest.bytes.length,
    });
    assert.deepEqual((await bytesOf(content, config.digest)).toString(), '{}');
    assert.equal(layers[0]?.mediaType, artifactType);
    assert.ok(JSON.parse((await bytesOf(content, layers[0]?.digest)).toString()));
  }
});

test('layers of the base may come from its own registry', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const { content } = await buildImage(recipe, await optionsFor(t, registry));
  const origins = content.blobs.flatMap(({ origin }) => (origin === undefined ? [] : [origin]));
  assert.deepEqual(
    origins,
    [1, 2].map(() => ({ registry: 'made.up', repository: 'library/base' })),
  );
});

test("Node is the base's own where that is recent enough, wherever it lies", async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage('amd64', 'usr/bin/node'));
  const built = await buildImage({ ...recipe, node }, await optionsFor(t, registry));
  assert.deepEqual((await configOf(built)).config['Entrypoint'], [
    '/usr/bin/node',
    '/opt/fairlead/fairlead.js',
  ]);
  assert.equal(built.images[0]?.node, undefined);
});

for (const [name, run] of [
  ['no Node', {}],
  ['an old Node', { Env: ['NODE_VERSION=20.18.0'] }],
] as const)
  test(`over a base with ${name}, Node comes out of another image`, async t => {
    const registry = new MadeUpRegistry();
    await registry.image('1', { layers: [[...debian(), file('usr/local/bin/node', 'old')]], run });
    const other = await registry.image('24', nodeImage());
    const options = await optionsFor(t, registry);
    for (const _ of [1, 2]) {
      const built = await buildImage({ ...recipe, node }, options);
      const [layer] = built.images[0]?.layers ?? [];
      assert.deepEqual(
        [layer?.role, layer?.title, layer?.packages],
        ['runtime', 'node 24.21.0', [{ kind: 'generic', name: 'node', version: '24.21.0' }]],
      );
      const files = await unpackedTar(gunzipSync(await bytesOf(built.content, layer?.digest)));
      assert.equal(files['usr/local/bin/node'], `file ${Buffer.from('node for amd64').toString('hex')}`);
      assert.equal(built.images[0]?.node?.digest, other.digest);
    }
  });

const unfit: readonly { name: string; files: readonly ReturnType<typeof file>[]; problem: RegExp }[] = [
  {
    name: 'musl',
    files: [...debian(), file('lib/ld-musl-x86_64.so.1')],
    problem: /its library of C is musl/,
  },
  { name: 'Alpine', files: [file('etc/os-release', 'ID=alpine\nVERSION_ID=3.20\n')], problem: /is musl/ },
  {
    name: 'no library of C',
    files: [file('a')],
    problem: /it has no ld-linux-x86-64\.so\.2, which Node's program needs/,
  },
  { name: 'no library of C++', files: debian().slice(0, 2), problem: /it has no libstdc\+\+\.so\.6/ },
  { name: 'the library of another machine', files: debianArm, problem: /no ld-linux-x86-64/ },
];

for (const { name, files, problem } of unfit)
  test(`a base with ${name} cannot run Node out of another image`, async t => {
    const registry = new MadeUpRegistry();
    await registry.image('1', { layers: [files] });
    await registry.image('24', nodeImage());
    await rejects(buildImage({ ...recipe, node }, await optionsFor(t, registry)), 'base_unusable', problem);
  });

test('an image that Node is to come out of must have one', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', { layers: [debian()] });
  await registry.image('24', { layers: [debian()] });
  const failed = buildImage({ ...recipe, node }, await optionsFor(t, registry));
  await rejects(
    failed,
    'base_unusable',
    /^made\.up\/library\/node:24@sha256:\w+ cannot be the base: Node is to be taken out of it, and it has none of 22\.19 or later/,
  );
});

const invalid: readonly { name: string; options: object; models: readonly object[]; problem: RegExp }[] = [
  {
    name: 'a time before 1970',
    options: { epoch: -1 },
    models: [],
    problem: /SOURCE_DATE_EPOCH: -1 is no time/,
  },
  { name: 'half a second', options: { epoch: 0.5 }, models: [], problem: /0\.5 is no time/ },
  { name: 'no platform', options: { platforms: [] }, models: [], problem: /for no platform/ },
  {
    name: 'a model without files',
    options: {},
    models: [{ title: 'a 1', entries: [] }],
    problem: /a 1: it has no files/,
  },
];

for (const { name, options, models, problem } of invalid)
  test(`${name} makes no image, and no registry is asked`, async t => {
    const registry = new MadeUpRegistry();
    const all = await optionsFor(t, registry, options);
    await rejects(buildImage({ ...recipe, models: models as never }, all), 'image_invalid', problem);
    assert.deepEqual(registry.asked, []);
  });

test('a build that is given up leaves nothing half-written', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const control = new AbortController();
  const model = await modelIn(await folder(t), 'digits', 'w'.repeat(100));
  const options = await optionsFor(t, registry, {
    signal: control.signal,
    tell: ({ phase }) => phase === 'pack fairlead' && control.abort(new Error('enough')),
  });
  await assert.rejects(buildImage({ ...recipe, models: [model] }, options), /enough/);
  assert.deepEqual(
    (await readdir(join(options.cache, 'partial'))).filter(name => !name.endsWith('.lock')),
    [],
  );
});

test('the cache keeps what this build uses, however small its bound, and no more', async t => {
  const registry = new MadeUpRegistry();
  await registry.image('1', nodeImage());
  const options = await optionsFor(t, registry, { quotaBytes: 0 });
  const other = { ...recipe, program: { title: 'other', entries: [file('a')], packages: [] } };
  const first = await buildImage(other, options);
  const second = await buildImage(recipe, options);
  const left = await readdir(join(options.cache, 'blobs', 'sha256'));
  const digests = (built: Built): readonly string[] =>
    (built.images[0]?.layers ?? []).map(({ digest }) => digest.slice(7));
  for (const digest of digests(second)) assert.ok(left.includes(digest));
  const gone = digests(first).filter(digest => !digests(second).includes(digest));
  assert.equal(gone.length, 1);
  for (const digest of gone) assert.ok(!left.includes(digest));
  // What went is made again where its bytes are wanted all the same.
  for (const { digest } of first.images[0]?.layers ?? []) await bytesOf(first.content, digest);
});

test('a base that is pinned and was used before is not asked for', async t => {
  const registry = new MadeUpRegistry();
  const { digest } = await registry.image('1', nodeImage());
  const options = await optionsFor(t, registry);
  const pinned = { ...recipe, base: { ...base, digest } };
  await buildImage(pinned, options);
  registry.asked.length = 0;
  await buildImage(pinned, options);
  assert.deepEqual(registry.asked, []);
});
