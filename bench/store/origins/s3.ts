/** An S3 server that the environment names (`AWS_ENDPOINT_URL_S3` and keys), and AWS's own command beside fairlead. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutBucketPolicyCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { messageOf } from '#base';
import { install, program, versionsOf } from '../../server/environments.ts';
import { places } from '../../server/places.ts';
import type { Artifact } from '../artifact.ts';
import { downloaders } from './downloaders.ts';
import { Absent, type Laid, type Origin, type Peer } from './origin.ts';

const PART = 64 * 1024 * 1024;
const KEY = 'models/large.onnx';

export function s3Server(environment: NodeJS.ProcessEnv, folder: string): Origin {
  const endpoint = environment['AWS_ENDPOINT_URL_S3'];
  if (endpoint === undefined || environment['AWS_ACCESS_KEY_ID'] === undefined)
    throw new Absent('AWS_ENDPOINT_URL_S3 and AWS_ACCESS_KEY_ID are not set');
  const name = `S3 server (${new URL(endpoint).host})`;
  return { name, lay: (artifact, connections) => lay(endpoint, artifact, connections, folder) };
}

async function lay(endpoint: string, artifact: Artifact, connections: number, folder: string): Promise<Laid> {
  const client = new S3Client({ endpoint, forcePathStyle: true });
  const bucket = `bench-${randomBytes(5).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await upload(client, bucket, artifact);
  // Whoever has no key may read: curl has none.
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: publicly(bucket) }));
  const url = `${endpoint}/${bucket}/${KEY}`;
  return {
    uri: `s3://${bucket}/${KEY}`,
    env: {},
    peers: [
      ...commands(endpoint, bucket, connections, folder),
      ...downloaders(url, artifact.size, connections),
    ],
    server: new URL(endpoint),
    through: port => ({
      uri: `s3://${bucket}/${KEY}`,
      env: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` },
    }),
    remove: async () => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: KEY }));
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
  };
}

function publicly(bucket: string): string {
  const resource = `arn:aws:s3:::${bucket}/*`;
  const statement = { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: [resource] };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

async function upload(client: S3Client, bucket: string, { path, size }: Artifact): Promise<void> {
  const to = { Bucket: bucket, Key: KEY };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(to));
  if (UploadId === undefined) throw new Error('the S3 server began no upload');
  const file = await open(path);
  try {
    const Parts = [];
    for (let at = 0; at * PART < size; at++) {
      const Body = await read(file, at * PART, Math.min(PART, size - at * PART));
      const PartNumber = at + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...to, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts } }));
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer;
}

/** `aws s3 cp` with as many connections, and AWS's native client, which takes as many as it likes. */
function commands(endpoint: string, bucket: string, connections: number, folder: string): Peer[] {
  try {
    install('aws');
  } catch (error) {
    process.stderr.write(`bench: aws is left out: ${messageOf(error)}\n`);
    return [];
  }
  const { awscli, awscrt } = versionsOf('aws');
  const settings = join(folder, 'aws-config');
  writeFileSync(settings, `[default]\ns3 =\n  max_concurrent_requests = ${connections}\n`);
  const from = ['--quiet', '--endpoint-url', endpoint, `s3://${bucket}/${KEY}`];
  const python = program('aws', 'python');
  const native = join(places.sources, 's3_native.py');
  return [
    {
      name: `aws s3 cp ${awscli}, ${connections} requests at once`,
      argv: to => [python, program('aws', 'aws'), 's3', 'cp', ...from, join(to, 'whole')],
      env: { AWS_CONFIG_FILE: settings },
    },
    {
      name: `aws native client ${awscrt}`,
      argv: to => [python, native, endpoint, bucket, KEY, join(to, 'whole')],
    },
  ];
}
