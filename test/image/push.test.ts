/** An image to a registry on this machine that does what it is told. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type AppError, failure } from '#base';
import type { ImageName } from '#image';
import type { Content } from '../../src/image/content.ts';
import { type PushOptions, type PushProgress, pushImage } from '../../src/image/io/push.ts';
import { cutting, isOf, type PushableOptions, refusing } from '../../src/store/fixtures/pushable-registry.ts';
import { pushingTo, writerOf } from '../../src/store/fixtures/pushing.ts';
import { rejects } from '../../src/store/fixtures/registry-client.ts';
import { randomLayer, testBlob, testImage } from './images.ts';

interface At {
  readonly registry: Awaited<ReturnType<typeof pushingTo>>['registry'];
  readonly push: (
    content: Content,
    name?: Partial<ImageName>,
    more?: Partial<PushOptions>,
  ) => ReturnType<typeof pushImage>;
}

async function at(t: TestContext, options: PushableOptions = {}): Promise<At> {
  const { registry } = await pushingTo(t, options);
  const target = { registry: registry.host, repository: 'a/b' };
  return {
    registry,
    push: (content, name = { tag: 'v1' }, more = {}) =>
      pushImage(
        content,
        { ...target, ...name },
        {
          open: async () => writerOf(t, registry.host),
          random: { next: () => 0 },
          signal: AbortSignal.timeout(30_000),
          ...more,
        },
      ),
  };
}

const sizeOf = (blobs: readonly { size: number }[]): number => blobs.reduce((sum, { size }) => sum + size, 0);
const bytesOf = (content: Content): number =>
  [...content.documents, content.top].reduce((sum, { bytes }) => sum + bytes.length, 0);

for (const seesSubjects of [true, false])
  test(`an image is pushed, and the second time nothing is sent, where referrers are ${seesSubjects ? 'seen' : 'noted'}`, async t => {
    const { registry, push } = await at(t, { seesSubjects });
    const image = testImage([randomLayer(200_000), randomLayer(300_000)], ['one', 'other']);
    const all = sizeOf(image.blobs) + bytesOf(image);
    assert.deepEqual(await push(image), { digest: image.top.digest, uploaded: all, mounted: 0, skipped: 0 });
    for (const { digest, bytes } of image.blobs) assert.ok(registry.blob('a/b', digest)?.equals(bytes));
    assert.deepEqual(registry.document('a/b', 'v1')?.bytes, Buffer.from(image.top.bytes));
    const found = await writerOf(t, registry.host).referrers(
      image.manifest.digest,
      AbortSignal.timeout(9000),
    );
    assert.deepEqual(
      found.map(({ digest }) => digest),
      image.attached.map(({ digest }) => digest),
    );
    const before = registry.asked.length;
    assert.deepEqual(await push(image), { digest: image.top.digest, uploaded: 0, mounted: 0, skipped: all });
    const again = registry.asked.slice(before);
    assert.deepEqual(new Set(again.map(({ method }) => method)), new Set(['HEAD', 'GET']));
    assert.ok(again.length <= image.blobs.length + 2 * image.attached.length + 2, String(again.length));
  });

test('the tag comes last, and each document after what it names', async t => {
  const { registry, push } = await at(t, { seesSubjects: true });
  const image = testImage([randomLayer(1000)]);
  await push(image);
  const puts = registry.log.filter(line => line.startsWith('PUT /v2/a/b/manifests'));
  const names = [...image.documents.map(({ digest }) => digest), 'v1'];
  assert.deepEqual(
    puts,
    names.map(name => `PUT /v2/a/b/manifests/${name}`),
  );
  const lastBlob = registry.log.findLastIndex(line => line.includes('/blobs/'));
  assert.ok(lastBlob < registry.log.indexOf(puts[0] ?? ''));
});

test('a new version sends what is new of it', async t => {
  const { push } = await at(t);
  const base = randomLayer(500_000);
  await push(testImage([base, randomLayer(1000)]));
  const model = randomLayer(2000);
  const next = testImage([base, model], []);
  const { uploaded, skipped } = await push(next, { tag: 'v2' });
  assert.equal(skipped, base.size);
  assert.equal(uploaded, sizeOf(next.blobs) - base.size + bytesOf(next));
});

test('what the registry has in another repository is mounted, and not read', async t => {
  const { registry, push } = await at(t);
  const origin = { registry: registry.host, repository: 'library/base' };
  const [near, gone] = [randomLayer(90_000, { origin }), randomLayer(1000, { origin })];
  const far = randomLayer(1000, { origin: { ...origin, registry: 'r.io' } });
  registry.keep('library/base', near.bytes);
  const image = testImage([near, gone, far], []);
  assert.equal((await push(image)).mounted, near.size);
  assert.deepEqual([near.read, gone.read, far.read], [0, gone.size, far.size]);
  const froms = registry.asked.filter(({ url }) => url.includes('from=library'));
  assert.equal(froms.length, 2);
});

test('progress reaches the whole, and never goes back, whatever is sent anew', async t => {
  const { registry, push } = await at(t);
  registry.behave(cutting(isOf('PUT', '/uploads/'), 200_000));
  const image = testImage([randomLayer(1_000_000), randomLayer(1000)], []);
  const told: PushProgress[] = [];
  await push(image, { tag: 'v1' }, { tell: progress => told.push(progress) });
  const done = told.map(one => one.done);
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
  assert.deepEqual(told.at(-1), { phase: 'push', done: sizeOf(image.blobs), total: sizeOf(image.blobs) });
});

test('a few blobs are on their way at once, and not more', async t => {
  const { push } = await at(t);
  let [open, most] = [0, 0];
  const layers = Array.from({ length: 12 }, () => {
    const { bytes } = randomLayer(100_000);
    return testBlob(bytes, {
      async *open(start) {
        most = Math.max(most, ++open);
        try {
          yield bytes.subarray(start, 50_000);
          await new Promise(resolve => setImmediate(resolve));
          yield bytes.subarray(50_000);
        } finally {
          open--;
        }
      },
    });
  });
  await push(testImage(layers, []));
  assert.ok(most > 1 && most <= 4, String(most));
});

const names: readonly { name: Partial<ImageName>; isTop: boolean; pushed?: string }[] = [
  { name: {}, isTop: true, pushed: 'digest' },
  { name: { tag: 'v1' }, isTop: true, pushed: 'v1' },
  { name: {}, isTop: false },
  { name: { tag: 'v1' }, isTop: false },
];

for (const { name, isTop, pushed } of names)
  test(`to ${JSON.stringify(name)} with the digest of ${isTop ? 'the image' : 'another one'}, it is ${pushed === undefined ? 'not pushed' : 'pushed'}`, async t => {
    const { registry, push } = await at(t);
    const image = testImage([randomLayer(10)]);
    const digest = isTop ? image.top.digest : `sha256:${'0'.repeat(64)}`;
    if (pushed === undefined) {
      await rejects(push(image, { ...name, digest }), 'image_name_invalid', /can be named by no other one/);
      assert.deepEqual(registry.asked, []);
      return;
    }
    await push(image, { ...name, digest });
    assert.ok(registry.document('a/b', pushed === 'digest' ? digest : pushed) !== undefined);
  });

test('bytes that have changed since the image was made are told, and no tag names them', async t => {
  const { registry, push } = await at(t);
  const { digest, bytes } = randomLayer(1000);
  const changed = testBlob(Buffer.alloc(bytes.length), { digest });
  const message = new RegExp(
    `^${digest}: its bytes are others than when the image was made: .*; build the image again$`,
  );
  await rejects(push(testImage([changed])), 'image_invalid', message);
  assert.equal(registry.document('a/b', 'v1'), undefined);
});

const unreadable: readonly { name: string; error: Error; code: AppError['code']; message: RegExp }[] = [
  {
    name: 'a file that is gone',
    error: Object.assign(new Error("ENOENT: no such file, open 'layer'"), { code: 'ENOENT' }),
    code: 'image_invalid',
    message: /: it cannot be read to be pushed: ENOENT: no such file, open 'layer'; build the image again$/,
  },
  {
    name: 'the registry of its base that is down',
    error: failure('source_unavailable', { uri: 'oci://r.io/base', problem: 'r.io lets nobody connect' }),
    code: 'source_unavailable',
    message: /^sha256:[0-9a-f]+ cannot be read to be pushed: oci:\/\/r\.io\/base: r\.io lets nobody connect$/,
  },
  {
    name: 'the registry of its base that does not let in',
    error: failure('source_refused', { uri: 'oci://r.io/base', problem: 'no', remedy: 'log in' }),
    code: 'source_refused',
    message: /cannot be read to be pushed: oci:\/\/r\.io\/base: no; log in$/,
  },
];

for (const { name, error, code, message } of unreadable)
  test(`a layer that cannot be read is told: ${name}`, async t => {
    const { registry, push } = await at(t);
    const layer = testBlob(randomLayer(1000).bytes, {
      // oxlint-disable-next-line require-yield
      async *open() {
        throw error;
      },
    });
    await rejects(push(testImage([layer])), code, message);
    assert.equal(registry.document('a/b', 'v1'), undefined);
  });

test('where one blob is refused the others end, and the next push goes on from what is there', async t => {
  const { registry, push } = await at(t);
  const first = randomLayer(1000);
  const layers = [first, randomLayer(400_000), randomLayer(2000)];
  let isFull = true;
  registry.behave((request, response, taken) =>
    isFull ? refusing(isOf('PUT', first.digest.slice(7)), 507)(request, response, taken) : false,
  );
  const image = testImage(layers);
  await rejects(push(image), 'source_unavailable', /status 507/);
  const there = layers.filter(({ digest }) => registry.blob('a/b', digest) !== undefined);
  isFull = false;
  assert.equal(there.length, 2);
  assert.ok((await push(image)).skipped >= sizeOf(there));
});

test('who gives up is answered soon, with why, and no tag is left', async t => {
  const { registry, push } = await at(t);
  const giveUp = new AbortController();
  registry.behave(request => {
    if (isOf('PUT', '/uploads/')(request)) giveUp.abort(new Error('enough'));
    return false;
  });
  const pushing = push(testImage([randomLayer(1_000_000)]), { tag: 'v1' }, { signal: giveUp.signal });
  await assert.rejects(pushing, /enough/);
  assert.equal(registry.document('a/b', 'v1'), undefined);
});
