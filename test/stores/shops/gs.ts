import { randomBytes } from 'node:crypto';
import { Unavailable } from '../../differential/peers/python.ts';
import { must, type Shop } from './shop.ts';

/** A bucket of the emulator that `STORAGE_EMULATOR_HOST` names. */
export async function storageBucket(environment: NodeJS.ProcessEnv): Promise<Shop> {
  const base = environment['STORAGE_EMULATOR_HOST'];
  if (base === undefined) throw new Unavailable('STORAGE_EMULATOR_HOST is not set');
  const bucket = `journey-${randomBytes(5).toString('hex')}`;
  const objects = new Set<string>();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: bucket });
  await must(fetch(`${base}/storage/v1/b?project=journey`, { method: 'POST', headers, body }));
  return {
    scheme: 'gs',
    origin: base,
    put: async (name, model) => {
      const object = encodeURIComponent(`models/${name}/model.onnx`);
      objects.add(object);
      const url = `${base}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${object}`;
      await must(fetch(url, { method: 'POST', body: new Blob([Buffer.from(model)]) }));
    },
    uri: name => `gs://${bucket}/models/${name}`,
    env: (at = base) => ({ STORAGE_EMULATOR_HOST: at }),
    remove: async () => {
      for (const object of objects)
        await must(fetch(`${base}/storage/v1/b/${bucket}/o/${object}`, { method: 'DELETE' }));
      await must(fetch(`${base}/storage/v1/b/${bucket}`, { method: 'DELETE' }));
    },
  };
}
