/** The emulator of Google Cloud Storage that `STORAGE_EMULATOR_HOST` names. */
import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import type { Artifact } from '../artifact.ts';
import { downloaders } from './downloaders.ts';
import { Absent, type Laid, type Origin } from './origin.ts';

const NAME = 'models/large.onnx';

export function cloudStorage(environment: NodeJS.ProcessEnv): Origin {
  const base = environment['STORAGE_EMULATOR_HOST'];
  if (base === undefined) throw new Absent('STORAGE_EMULATOR_HOST is not set');
  // It keeps an upload in memory.
  const most = 512 * 1024 * 1024;
  const name = `fake-gcs-server (${new URL(base).host})`;
  return { name, most, lay: (artifact, connections) => lay(base, artifact, connections) };
}

async function lay(base: string, artifact: Artifact, connections: number): Promise<Laid> {
  const bucket = `bench-${randomBytes(5).toString('hex')}`;
  const buckets = `${base}/storage/v1/b`;
  const headers = { 'content-type': 'application/json' };
  await must(
    fetch(`${buckets}?project=bench`, { method: 'POST', headers, body: JSON.stringify({ name: bucket }) }),
  );
  const object = encodeURIComponent(NAME);
  const body = await openAsBlob(artifact.path);
  const target = `${base}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${object}`;
  await must(
    fetch(target, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body }),
  );
  const url = `${base}/storage/v1/b/${bucket}/o/${object}?alt=media`;
  const uri = `gs://${bucket}/${NAME}`;
  return {
    uri,
    env: {},
    peers: downloaders(url, artifact.size, connections),
    server: new URL(base),
    through: port => ({ uri, env: { STORAGE_EMULATOR_HOST: `http://127.0.0.1:${port}` } }),
    remove: async () => {
      await must(fetch(`${buckets}/${bucket}/o/${object}`, { method: 'DELETE' }));
      await must(fetch(`${buckets}/${bucket}`, { method: 'DELETE' }));
    },
  };
}

async function must(asked: Promise<Response>): Promise<void> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`the emulator answered ${answer.status}: ${await answer.text()}`);
}
