import { createHash, randomBytes } from 'node:crypto';
import { Unavailable } from '../../differential/peers/python.ts';
import { must, type Shop } from './shop.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY = new TextEncoder().encode('{}');

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A repository of the registry that `FAIRLEAD_TEST_REGISTRY` names; models are artifacts as ORAS makes them, by tag. */
export async function repository(environment: NodeJS.ProcessEnv): Promise<Shop> {
  const host = environment['FAIRLEAD_TEST_REGISTRY'];
  if (host === undefined) throw new Unavailable('FAIRLEAD_TEST_REGISTRY is not set');
  const path = `journey/${randomBytes(5).toString('hex')}`;
  const base = `http://${host}/v2/${path}`;
  const pushed = new Set<string>();
  return {
    scheme: 'oci',
    origin: `http://${host}`,
    put: async (name, model) => {
      await pushBlob(base, EMPTY);
      await pushBlob(base, model);
      pushed.add(await pushManifest(base, name, model));
    },
    uri: (name, at = `http://${host}`) => `oci://${new URL(at).host}/${path}:${name}?insecure=true`,
    env: () => ({}),
    remove: async () => {
      for (const digest of pushed) await must(fetch(`${base}/manifests/${digest}`, { method: 'DELETE' }));
    },
  };
}

async function pushBlob(base: string, bytes: Uint8Array): Promise<void> {
  const begun = await must(fetch(`${base}/blobs/uploads/`, { method: 'POST' }));
  const location = new URL(begun.headers.get('location') ?? '', base);
  location.searchParams.set('digest', digestOf(bytes));
  await must(fetch(location, { method: 'PUT', body: new Blob([Buffer.from(bytes)]) }));
}

async function pushManifest(base: string, tag: string, model: Uint8Array): Promise<string> {
  const config = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: digestOf(EMPTY),
    size: EMPTY.length,
  };
  const annotations = { 'org.opencontainers.image.title': 'model.onnx' };
  const layer = {
    mediaType: 'application/octet-stream',
    digest: digestOf(model),
    size: model.length,
    annotations,
  };
  const artifactType = 'application/vnd.fairlead.test';
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType,
    config,
    layers: [layer],
  });
  await must(
    fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': MANIFEST }, body }),
  );
  return digestOf(new TextEncoder().encode(body));
}
