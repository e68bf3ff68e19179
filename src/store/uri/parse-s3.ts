import { err, ok, type Result } from '#base';
import { splitOptions } from './options.ts';
import type { S3Reference, UriProblem } from './reference.ts';

const OPTIONS = {
  endpoint: 'text',
  region: 'text',
  profile: 'text',
  addressing: ['path', 'virtual'],
  anonymous: 'flag',
} as const;

/** `s3://bucket/key?endpoint=…&region=…&profile=…&addressing=path|virtual&anonymous=true`. */
export function parseS3(uri: string): Result<S3Reference, UriProblem> {
  const split = splitOptions(uri, OPTIONS);
  if (!split.ok) return split;
  const { rest, options } = split.value;
  const [, slashes = '', bucket = '', key = ''] = /^s3:(\/*)([^/]*)(.*)$/is.exec(rest) ?? [];
  const problem = slashes === '//' ? bucketProblem(bucket) : { problem: 'a bucket must stand behind s3://' };
  if (problem !== undefined)
    return err({
      uri,
      ...problem,
      ...(slashes !== '//' && bucket !== '' && { remedy: `s3://${bucket}${key}` }),
    });
  const endpoint = options.endpoint === undefined ? undefined : endpointProblem(options.endpoint);
  if (endpoint !== undefined) return err({ uri, problem: endpoint });
  return ok({ scheme: 's3', bucket, key: key.replace(/^\/+|\/+$/g, ''), options });
}

/** Names of old buckets may be longer and have capitals and underscores; what S3 has of them today, it says itself. */
function bucketProblem(bucket: string): Pick<UriProblem, 'problem'> | undefined {
  if (bucket === '') return { problem: 'it names no bucket' };
  if (bucket.startsWith('arn:'))
    return { problem: 'the ARN of an access point cannot stand here; its alias can, as a bucket does' };
  if (/^[A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9]$/.test(bucket)) return undefined;
  return { problem: `no bucket can have the name '${bucket}'` };
}

/** What is wrong with an address that a service is reached at. */
function endpointProblem(endpoint: string): string | undefined {
  const { protocol, username, search } = URL.canParse(endpoint)
    ? new URL(endpoint)
    : { protocol: '', username: '', search: '' };
  if (protocol !== 'http:' && protocol !== 'https:') return 'the endpoint is no http:// or https:// address';
  return username === '' && search === '' ? undefined : 'the endpoint has more than an address in it';
}
