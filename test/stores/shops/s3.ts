import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Unavailable } from '../../differential/peers/python.ts';
import type { Shop } from './shop.ts';

/** A bucket of the server that `AWS_ENDPOINT_URL_S3` names. */
export async function bucket(environment: NodeJS.ProcessEnv): Promise<Shop> {
  const endpoint = environment['AWS_ENDPOINT_URL_S3'];
  if (endpoint === undefined || environment['AWS_ACCESS_KEY_ID'] === undefined)
    throw new Unavailable('AWS_ENDPOINT_URL_S3 and AWS_ACCESS_KEY_ID are not set');
  const client = new S3Client({ endpoint, forcePathStyle: true });
  const Bucket = `journey-${randomBytes(5).toString('hex')}`;
  const keys = new Set<string>();
  const folder = (name: string): string => `models/${name}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    scheme: 's3',
    origin: new URL(endpoint).origin,
    put: async (name, Body) => {
      const Key = `${folder(name)}/model.onnx`;
      keys.add(Key);
      await client.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    uri: name => `s3://${Bucket}/${folder(name)}`,
    env: (at = endpoint) => ({ AWS_ENDPOINT_URL_S3: at }),
    remove: async () => {
      for (const Key of keys) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
    },
  };
}
