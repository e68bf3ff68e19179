import { randomBytes } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { Unavailable } from '../../differential/peers/python.ts';
import type { Shop } from './shop.ts';

/** A container of the service that `AZURE_STORAGE_CONNECTION_STRING` names. */
export async function container(environment: NodeJS.ProcessEnv): Promise<Shop> {
  const connection = environment['AZURE_STORAGE_CONNECTION_STRING'];
  if (connection === undefined) throw new Unavailable('AZURE_STORAGE_CONNECTION_STRING is not set');
  const service = BlobServiceClient.fromConnectionString(connection);
  const { origin } = new URL(service.url);
  const name = `journey-${randomBytes(5).toString('hex')}`;
  const place = service.getContainerClient(name);
  await place.create();
  return {
    scheme: 'az',
    origin,
    put: async (model, bytes) =>
      void (await place.getBlockBlobClient(`models/${model}/model.onnx`).uploadData(Buffer.from(bytes))),
    uri: model => `az://${name}/models/${model}`,
    env: (at = origin) => ({ AZURE_STORAGE_CONNECTION_STRING: connection.replaceAll(origin, at) }),
    remove: async () => void (await place.delete()),
  };
}
