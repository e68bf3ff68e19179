import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Built } from '../../built.ts';
import type { Blob, Content } from '../../content.ts';
import { gathered, signal } from '../../fixtures/layer-entries.ts';
import { MadeUpRegistry, nodeImage } from '../../fixtures/made-up-registry.ts';
import { modelIn, optionsFor, recipe } from '../../fixtures/recipe-to-build.ts';
import { folder, rejects } from '../../fixtures/scratch.ts';
import { digestOf } from '../../oci/documents.ts';
import type { Platform } from '../../platform.ts';
import { buildImage } from '../build.ts';
import { readLayout } from './read-layout.ts';
import { writeArchive } from './write-archive.ts';
import { writeLayout } from './write-layout.ts';

const name = { registry: 'docker.io', repository: 'acme/digits', tag: 'v1' } as const;

/** An image that is built, with a model of these weights, or with `no model`. */
async function built(
  t: Pick<TestContext, 'after'>,
  platforms: readonly Platform[] = ['linux/amd64'],
  weights = 'weights',
): Promise<Built> {
  const registry = new MadeUpRegistry();
  const [amd, arm] = [await registry.push(nodeImage()), await registry.push(nodeImage('arm64'))];
  registry.index('1', [
    { ...amd, platform: { os: 'linux', architecture: 'amd64' } },
    { ...arm, platform: { os: 'linux', architecture: 'arm64' } },
  ]);
  const models = weights === 'no model' ? [] : [await modelIn(await folder(t), 'digits', weights)];
  return buildImage({ ...recipe, models }, await optionsFor(t, registry, { platforms }));
}

const bytesOf = (blob: Blob): Promise<Buffer> => gathered(blob.open(0, signal()));

/** What a content is, as far as it can be compared. */
async function told({ top, documents, blobs }: Content): Promise<object> {
  const all = await Promise.all(
    blobs.map(async blob => [blob.digest, blob.size, digestOf(await bytesOf(blob))]),
  );
  return {
    top: top.digest,
    documents: documents.map(({ digest, subject, artifactType, mediaType }) => [
      digest,
      subject,
      artifactType,
      mediaType,
    ]),
    blobs: all.map(one => one.join(' ')).toSorted(),
  };
}

const filesIn = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { recursive: true })).toSorted();

for (const platforms of [['linux/amd64'], ['linux/amd64', 'linux/arm64']] as const)
  for (const [form, write] of [
    ['a folder', writeLayout],
    ['a tar file', writeArchive],
  ] as const)
    test(`an image of ${platforms.length} platforms that was written to ${form} is read from it`, async t => {
      const { content } = await built(t, platforms);
      const path = join(await folder(t), 'not', 'there', 'yet');
      await write(content, path, { name, signal: signal() });
      for (const tag of [undefined, 'v1']) {
        const { content: read, close } = await readLayout(path, signal(), tag);
        t.after(close);
        assert.deepEqual(await told(read), await told(content));
        const [blob] = read.blobs as readonly [Blob];
        assert.deepEqual(await gathered(blob.open(5, signal())), (await bytesOf(blob)).subarray(5));
      }
    });

test('an archive of the same image is the same bytes', async t => {
  const [path, { content }, again] = [await folder(t), await built(t), await built(t)];
  await writeArchive(content, join(path, 'a'), { name, signal: signal() });
  await writeArchive(again.content, join(path, 'b'), { name, signal: signal() });
  assert.ok((await readFile(join(path, 'a'))).equals(await readFile(join(path, 'b'))));
  assert.deepEqual(await filesIn(path), ['a', 'b']);
});

test('images are added to a layout that is there, and a tag is that of the last one', async t => {
  const path = await folder(t);
  const [one, two] = [await built(t), await built(t, ['linux/amd64'], 'other weights')];
  await writeLayout(one.content, path, { name, signal: signal() });
  await writeLayout(two.content, path, { name: { ...name, tag: 'v2' }, signal: signal() });
  for (const [tag, { content }] of [
    ['v1', one],
    ['v2', two],
  ] as const)
    assert.equal((await readLayout(path, signal(), tag)).content.top.digest, content.top.digest);
  await rejects(
    readLayout(path, signal()),
    'image_invalid',
    /it holds several images: v1, v2; name one of their tags/,
  );
  await rejects(readLayout(path, signal(), 'v3'), 'image_invalid', /it holds no image 'v3', but v1, v2/);
  const before = await filesIn(path);
  await writeLayout(two.content, path, { name, signal: signal() });
  assert.deepEqual(await filesIn(path), before);
  assert.equal((await readLayout(path, signal(), 'v1')).content.top.digest, two.content.top.digest);
});

test('a blob that is damaged in a layout is written anew', async t => {
  const [path, { content }] = [await folder(t), await built(t)];
  await writeLayout(content, path, { signal: signal() });
  for (const { digest, size } of content.blobs)
    await writeFile(join(path, 'blobs', 'sha256', digest.slice(7)), Buffer.alloc(size));
  await writeLayout(content, path, { signal: signal() });
  assert.deepEqual(await told((await readLayout(path, signal())).content), await told(content));
});

test('a folder of other things is left alone', async t => {
  const [path, { content }] = [await folder(t), await built(t)];
  await writeFile(join(path, 'thesis.txt'), 'x');
  const writing = writeLayout(content, path, { signal: signal() });
  await rejects(writing, 'image_invalid', /it is no OCI layout, and holds other things; name another folder/);
  assert.deepEqual(await filesIn(path), ['thesis.txt']);
});

/** The same, but one blob ends in this way. */
function failing({ blobs, ...content }: Content, end: () => void): Content {
  const last = blobs.at(-1) as Blob;
  const open: Blob['open'] = async function* (start, reading) {
    yield* last.open(start, reading);
    end();
    yield Buffer.alloc(1);
  };
  return { ...content, blobs: [...blobs.slice(0, -1), { ...last, open }] };
}

const ends: readonly { name: string; end: () => void; problem: RegExp }[] = [
  {
    name: 'cannot be read',
    end: () => {
      throw new Error('the disk died');
    },
    problem: /the disk died/,
  },
  { name: 'has changed', end: () => {}, problem: /a file of it has changed; build again/ },
];

for (const { name: how, end, problem } of ends)
  for (const [form, write] of [
    ['layout', writeLayout],
    ['archive', writeArchive],
  ] as const) {
    test(`of an image of which something ${how} no ${form} is written, nor any of it`, async t => {
      const [path, { content }] = [await folder(t), await built(t)];
      const into = join(path, 'new', 'layout');
      await assert.rejects(write(failing(content, end), into, { signal: signal() }), problem);
      assert.deepEqual(await filesIn(path), []);
    });

    test(`an image of which something ${how} leaves the ${form} that is there as it was`, async t => {
      const [path, one, two] = [await folder(t), await built(t), await built(t, ['linux/amd64'], 'other')];
      const into = join(path, 'x');
      await write(one.content, into, { name, signal: signal() });
      const before = await filesIn(path);
      await assert.rejects(write(failing(two.content, end), into, { name, signal: signal() }), problem);
      assert.deepEqual(await filesIn(path), before);
      const { content, close } = await readLayout(into, signal());
      t.after(close);
      assert.deepEqual(await told(content), await told(one.content));
    });
  }

test('a disk that is full is told with the path, and keeps nothing', async t => {
  const path = await folder(t);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]);
  if (mounted.status !== 0) return t.skip('nobody may mount a small disk here');
  try {
    const { content } = await built(t, ['linux/amd64'], 'w'.repeat(200_000));
    for (const write of [writeLayout, writeArchive]) {
      const writing = write(content, join(path, 'new', 'x'), { signal: signal() });
      await rejects(writing, 'image_unwritable', /new\/x cannot be written: the disk is full$/);
      assert.deepEqual(await filesIn(path), []);
    }
  } finally {
    execFileSync('umount', [path]);
  }
});

test('a place that cannot be written is told with the path', async t => {
  const [path, { content }] = [await folder(t), await built(t)];
  await writeFile(join(path, 'file'), '');
  for (const write of [writeLayout, writeArchive])
    await rejects(
      write(content, join(path, 'file', 'x'), { signal: signal() }),
      'image_unwritable',
      /file\/x cannot be written: /,
    );
});

test('writing ends with its signal, and leaves nothing', async t => {
  const [path, { content }] = [await folder(t), await built(t)];
  for (const write of [writeLayout, writeArchive]) {
    const control = new AbortController();
    const tell = (): void => control.abort(new Error('enough'));
    await assert.rejects(write(content, join(path, 'x'), { signal: control.signal, tell }), /enough/);
    assert.deepEqual(await filesIn(path), []);
  }
});

type Spoil = (path: string, built: Built) => Promise<unknown>;
const at = (path: string, digest = ''): string => join(path, 'blobs', 'sha256', digest.slice(7));

const spoiled: readonly { name: string; spoil: Spoil; problem: RegExp }[] = [
  {
    name: 'has no index',
    spoil: path => rm(join(path, 'index.json')),
    problem: /it is no OCI layout: it has no index\.json/,
  },
  {
    name: 'has an index that is no JSON',
    spoil: path => writeFile(join(path, 'index.json'), '{'),
    problem: /its index\.json is no JSON/,
  },
  {
    name: 'has an index of something else',
    spoil: path => writeFile(join(path, 'index.json'), '{"schemaVersion":2}'),
    problem: /its index\.json is broken at manifests/,
  },
  {
    name: 'names a digest that is a path',
    spoil: path =>
      writeFile(
        join(path, 'index.json'),
        '{"schemaVersion":2,"manifests":[{"mediaType":"a","size":1,"digest":"../../etc/passwd"}]}',
      ),
    problem: /is no SHA-256 digest/,
  },
  {
    name: 'has an index of gigabytes',
    spoil: path => truncate(join(path, 'index.json'), 2 ** 32),
    problem: /index\.json has more than 4 MiB/,
  },
  {
    name: 'holds nothing',
    spoil: path => writeFile(join(path, 'index.json'), '{"schemaVersion":2,"manifests":[]}'),
    problem: /it holds no image$/,
  },
  {
    name: 'lacks a manifest',
    spoil: (path, { content }) => rm(at(path, content.top.digest)),
    problem: /it lacks blobs\/sha256\/\w+/,
  },
  {
    name: 'lacks a layer',
    spoil: (path, { content }) => rm(at(path, content.blobs[1]?.digest)),
    problem: /it lacks blobs\/sha256\/\w+/,
  },
  {
    name: 'has a manifest that was changed',
    spoil: (path, { content }) => appendFile(at(path, content.top.digest), ' '),
    problem: /has other bytes than its name says/,
  },
  {
    name: 'has a layer that is cut off',
    spoil: (path, { content }) => truncate(at(path, content.blobs[1]?.digest), 5),
    problem: /has 5 bytes, and should have \d+/,
  },
];

for (const { name: how, spoil, problem } of spoiled)
  test(`a layout that ${how} is refused`, async t => {
    const [path, image] = [join(await folder(t), 'layout'), await built(t)];
    await writeLayout(image.content, path, { signal: signal() });
    await spoil(path, image);
    await rejects(readLayout(path, signal()), 'image_invalid', problem);
  });

const noTar: readonly { name: string; bytes: (tar: Buffer) => Uint8Array; problem: RegExp }[] = [
  { name: 'text', bytes: () => Buffer.alloc(1000, 'x'), problem: /it is no tar file/ },
  { name: 'an empty file', bytes: () => Buffer.alloc(0), problem: /it is cut off/ },
  { name: 'half a tar file', bytes: tar => tar.subarray(0, 2048), problem: /it is cut off/ },
  {
    name: 'a packed tar file',
    bytes: tar => gzipSync(tar),
    problem: /it is packed with gzip; unpack it first/,
  },
];

for (const { name: what, bytes, problem } of noTar)
  test(`${what} is no layout`, async t => {
    const path = join(await folder(t), 'x.tar');
    await writeArchive((await built(t)).content, path, { signal: signal() });
    await writeFile(path, bytes(await readFile(path)));
    await rejects(readLayout(path, signal()), 'image_invalid', problem);
  });

test('a layout that is not there is told so', async t => {
  await rejects(
    readLayout(join(await folder(t), 'x'), signal()),
    'file_missing',
    /the layout of an image is not there/,
  );
});

test('a tar file of a layout that others packed is read too', async t => {
  const path = await folder(t);
  const { content } = await built(t);
  await writeLayout(content, join(path, 'layout'), { signal: signal() });
  execFileSync('tar', ['-cf', join(path, 'x.tar'), '-C', join(path, 'layout'), '.']);
  const { content: read, close } = await readLayout(join(path, 'x.tar'), signal());
  t.after(close);
  assert.deepEqual(await told(read), await told(content));
});

test('what is attached to something attached belongs to the image', async t => {
  const [path, { content }] = [await folder(t), await built(t)];
  const [sbom] = content.documents;
  assert.ok(sbom);
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: sbom.mediaType,
      artifactType: 'application/x-signature',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: digestOf(Buffer.from('{}')),
        size: 2,
      },
      layers: [],
      subject: { mediaType: sbom.mediaType, digest: sbom.digest, size: sbom.bytes.length },
    }),
  );
  const signature = { mediaType: sbom.mediaType, digest: digestOf(bytes), bytes, subject: sbom.digest };
  await writeLayout({ ...content, documents: [signature, ...content.documents] }, join(path, 'x'), {
    signal: signal(),
  });
  const { content: read } = await readLayout(join(path, 'x'), signal());
  const digests = read.documents.map(({ digest }) => digest);
  assert.ok(digests.indexOf(signature.digest) > digests.indexOf(sbom.digest));
});

const crane = spawnSync('crane', ['version']).status === 0 ? false : 'it needs crane on the PATH';

test('crane takes an archive for an image', { skip: crane }, async t => {
  const path = join(await folder(t), 'x.tar');
  await writeArchive((await built(t)).content, path, { name, signal: signal() });
  // Without --fast it unpacks each layer as gzip, whatever its type says: so it cannot look into models.
  execFileSync('crane', ['validate', '--fast', '--tarball', path]);
});

test('crane finds in every layer that is packed what the image says', { skip: crane }, async t => {
  const path = join(await folder(t), 'x.tar');
  await writeArchive((await built(t, ['linux/amd64'], 'no model')).content, path, { name, signal: signal() });
  execFileSync('crane', ['validate', '--tarball', path]);
});

const noRegistry =
  crane ||
  (process.env['FAIRLEAD_TEST_REGISTRY'] === undefined && 'it needs FAIRLEAD_TEST_REGISTRY=host:port');

test('crane pushes a layout, and a registry takes it', { skip: noRegistry }, async t => {
  const path = join(await folder(t), 'layout');
  const { content } = await built(t, ['linux/amd64', 'linux/arm64']);
  // Nothing attached: crane pushes what is the only one.
  await writeLayout(
    { ...content, documents: content.documents.filter(({ subject }) => subject === undefined) },
    path,
    { name, signal: signal() },
  );
  const repository = `${process.env['FAIRLEAD_TEST_REGISTRY']}/fairlead-test/layout`;
  execFileSync('crane', ['push', '--insecure', path, `${repository}:1`], { stdio: 'pipe' });
  const digest = execFileSync('crane', ['digest', '--insecure', `${repository}:1`], {
    encoding: 'utf8',
  }).trim();
  assert.equal(digest, content.top.digest);
  execFileSync('crane', ['validate', '--fast', '--insecure', '--remote', `${repository}:1`], {
    stdio: 'pipe',
  });
  execFileSync('crane', ['delete', '--insecure', `${repository}@${digest}`], { stdio: 'pipe' });
});
