/** A registry that `FAIRLEAD_TEST_REGISTRY` names, with the artifact as a layer of its own, as ORAS lays a file. */
import { createHash, randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from '../artifact.ts';
import { downloaders, has } from './downloaders.ts';
import { Absent, type Laid, type Origin, type Peer } from './origin.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export function registry(environment: NodeJS.ProcessEnv): Origin {
  const host = environment['FAIRLEAD_TEST_REGISTRY'];
  if (host === undefined) throw new Absent('FAIRLEAD_TEST_REGISTRY is not set');
  return { name: `registry (${host})`, lay: (artifact, connections) => lay(host, artifact, connections) };
}

async function lay(host: string, artifact: Artifact, connections: number): Promise<Laid> {
  const repository = `bench/${randomBytes(5).toString('hex')}`;
  const base = `http://${host}/v2/${repository}`;
  const digest = `sha256:${artifact.sha256}`;
  const empty = Buffer.from('{}');
  const config = `sha256:${createHash('sha256').update(empty).digest('hex')}`;
  await push(base, digest, await openAsBlob(artifact.path));
  await push(base, config, new Blob([empty]));
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: 'application/vnd.fairlead.bench',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config, size: empty.length },
    layers: [
      {
        mediaType: 'application/octet-stream',
        digest,
        size: artifact.size,
        annotations: { 'org.opencontainers.image.title': 'large.onnx' },
      },
    ],
  };
  const headers = { 'content-type': MANIFEST };
  const put = await fetch(`${base}/manifests/1`, { method: 'PUT', headers, body: JSON.stringify(manifest) });
  const pushed = put.headers.get('docker-content-digest');
  if (!put.ok || pushed === null) throw new Error(`the registry took no manifest: ${put.status}`);
  return {
    uri: `oci://${host}/${repository}:1?insecure=true`,
    env: {},
    peers: [
      ...crane(`${host}/${repository}@${digest}`),
      ...downloaders(`${base}/blobs/${digest}`, artifact.size, connections),
    ],
    server: new URL(`http://${host}`),
    through: port => ({ uri: `oci://localhost:${port}/${repository}:1?insecure=true`, env: {} }),
    // The registry's own collection of garbage removes what no manifest names.
    remove: async () => {
      await fetch(`${base}/manifests/${pushed}`, { method: 'DELETE' });
      await fetch(`${base}/blobs/${digest}`, { method: 'DELETE' });
    },
  };
}

async function push(base: string, digest: string, body: Blob): Promise<void> {
  const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(begun.headers.get('location') ?? '', base);
  location.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  const { ok, status } = await fetch(location, { method: 'PUT', headers, body });
  if (!ok) throw new Error(`the registry took no blob: ${status}`);
}

/** It writes to its standard output, so a shell makes the file and becomes it. */
function crane(reference: string): Peer[] {
  if (!has('crane')) return [];
  const script = 'exec crane blob --insecure "$0" > "$1"';
  return [{ name: 'crane blob', argv: folder => ['sh', '-c', script, reference, join(folder, 'whole')] }];
}
