/** Images to a real registry, by plain http: FAIRLEAD_TEST_REGISTRY=host:port. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { systemRandom } from '#base';
import { openRegistry, type Registry } from '#store';
import { type ImageName, imageText, referenceOf } from '../../src/image/image-name.ts';
import { type Pushed, pushImage } from '../../src/image/io/push.ts';
import { randomLayer, type TestImage, testImage } from './images.ts';

const registry = process.env['FAIRLEAD_TEST_REGISTRY'];
const skip = registry === undefined && 'it needs a registry: FAIRLEAD_TEST_REGISTRY=host:port';
const run = promisify(execFile);
const signal = (): AbortSignal => AbortSignal.timeout(60_000);

const nameOf = (repository: string): ImageName => ({
  registry: registry ?? '',
  repository: `test-push-${randomBytes(6).toString('hex')}/${repository}`,
  tag: 'v1',
});

function open(name: ImageName): Promise<Registry> {
  const options = { patienceMs: 30_000, connections: 6, environment: process.env };
  return openRegistry(referenceOf(name, true), options);
}

function push(image: TestImage, name: ImageName): Promise<Pushed> {
  return pushImage(image, name, { open, random: systemRandom, signal: signal() });
}

/** What crane says of it; undefined where it is not installed. */
async function crane(...args: string[]): Promise<string | undefined> {
  try {
    return (await run('crane', args)).stdout;
  } catch (error: unknown) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

const sizeOf = ({ blobs, documents, top }: TestImage): number =>
  [...blobs.map(({ size }) => size), ...[...documents, top].map(({ bytes }) => bytes.length)].reduce(
    (sum, size) => sum + size,
    0,
  );

test('an image is pushed once, its tag and what is attached are found, and others take it for whole', {
  skip,
}, async t => {
  const name = nameOf('digits');
  const image = testImage([randomLayer(100_000), randomLayer(200_000)], ['one', 'other']);
  const all = sizeOf(image);
  assert.deepEqual(await push(image, name), {
    digest: image.top.digest,
    uploaded: all,
    mounted: 0,
    skipped: 0,
  });
  assert.deepEqual(await push(image, name), {
    digest: image.top.digest,
    uploaded: 0,
    mounted: 0,
    skipped: all,
  });
  const reader = await open(name);
  t.after(() => reader.close());
  assert.equal((await reader.manifest('v1', signal())).digest, image.top.digest);
  const found = await reader.referrers(image.manifest.digest, signal());
  assert.deepEqual(
    found.map(({ digest, artifactType }) => [digest, artifactType]),
    image.attached.map(({ digest, artifactType }) => [digest, artifactType]),
  );
  await crane('validate', '--remote', imageText(name), '--insecure');
  const manifest = await crane('manifest', imageText(name), '--insecure');
  if (manifest === undefined) t.diagnostic('crane is not installed');
  else assert.equal(manifest.trim(), Buffer.from(image.top.bytes).toString());
});

test('a layer of another repository is mounted there', { skip }, async () => {
  const base = nameOf('base');
  const layer = randomLayer(1_000_000);
  await push(testImage([layer], []), base);
  const { mounted } = await push(
    testImage([Object.assign(layer, { origin: base }), randomLayer(10)], []),
    nameOf('digits'),
  );
  assert.equal(mounted, layer.size);
});

test('a layer of 20 MB goes in pieces, and goes on where its connection was cut', { skip }, async t => {
  const line = await cuttingLine(t, 9_000_000);
  const layer = randomLayer(20_000_000);
  const name = { ...nameOf('digits'), registry: line.host };
  const { uploaded } = await push(testImage([layer], []), name);
  assert.ok(uploaded > layer.size);
  assert.equal(line.cuts(), 1);
  t.diagnostic(`${line.sent()} bytes were sent for ${uploaded}`);
  assert.ok(line.sent() < uploaded + 16 * 2 ** 20, `${line.sent()} bytes`);
  await crane('validate', '--remote', imageText({ ...name, registry: registry ?? '' }), '--insecure');
});

interface CuttingLine {
  readonly host: string;
  /** Bytes to the registry. */
  sent(): number;
  cuts(): number;
}

/** A way to the registry whose connections are all cut, once, after so many bytes. */
async function cuttingLine(t: TestContext, after: number): Promise<CuttingLine> {
  const { hostname, port } = new URL(`http://${registry}`);
  const sockets = new Set<Socket>();
  let [sent, cuts] = [0, 0];
  const server = createServer(client => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, upstream].map(one => one.destroy()));
    }
    client.on('data', chunk => {
      sent += chunk.length;
      if (sent < after || cuts > 0) return;
      cuts++;
      for (const socket of sockets) socket.destroy();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, sent: () => sent, cuts: () => cuts };
}
