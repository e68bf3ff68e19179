/** The blob service that `AZURE_STORAGE_CONNECTION_STRING` names, such as Azurite. */
import { randomBytes } from 'node:crypto';
import { BlobSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import type { Artifact } from '../artifact.ts';
import { downloaders } from './downloaders.ts';
import { Absent, type Laid, type Origin } from './origin.ts';

const NAME = 'models/large.onnx';
const HOUR = 3_600_000;

export function blobService(environment: NodeJS.ProcessEnv): Origin {
  const connection = environment['AZURE_STORAGE_CONNECTION_STRING'];
  if (connection === undefined) throw new Absent('AZURE_STORAGE_CONNECTION_STRING is not set');
  const service = BlobServiceClient.fromConnectionString(connection);
  const name = `blob service (${new URL(service.url).host})`;
  return { name, lay: (artifact, connections) => lay(service, connection, artifact, connections) };
}

async function lay(
  service: BlobServiceClient,
  connection: string,
  artifact: Artifact,
  connections: number,
): Promise<Laid> {
  const name = `bench-${randomBytes(5).toString('hex')}`;
  const container = service.getContainerClient(name);
  await container.create();
  const blob = container.getBlockBlobClient(NAME);
  await blob.uploadFile(artifact.path, { blockSize: 64 * 1024 * 1024, concurrency: 4 });
  const permissions = BlobSASPermissions.parse('r');
  const url = await blob.generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 6 * HOUR) });
  const uri = `az://${name}/${NAME}`;
  const server = new URL(service.url);
  return {
    uri,
    env: {},
    peers: downloaders(url, artifact.size, connections),
    server,
    through: port => {
      const moved = connection.replaceAll(`://${server.host}`, `://127.0.0.1:${port}`);
      return { uri, env: { AZURE_STORAGE_CONNECTION_STRING: moved } };
    },
    remove: async () => void (await container.delete()),
  };
}
