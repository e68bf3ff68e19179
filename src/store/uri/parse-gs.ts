import { err, ok, type Result } from '#base';
import { splitOptions } from './options.ts';
import type { GsReference, UriProblem } from './reference.ts';

const OPTIONS = { endpoint: 'text', anonymous: 'flag' } as const;

/** `gs://bucket/object?endpoint=…&anonymous=true`. What lies between is the object's name as it stands. */
export function parseGs(uri: string): Result<GsReference, UriProblem> {
  const split = splitOptions(uri, OPTIONS);
  if (!split.ok) return split;
  const { rest, options } = split.value;
  const [, bucket = '', key = ''] = /^gs:\/\/([^/]*)(?:\/([\s\S]*))?$/i.exec(rest) ?? [];
  if (!isBucket(bucket)) return err({ uri, problem: 'it names no bucket', remedy: 'gs://bucket/folder' });
  if (options.endpoint !== undefined && !isEndpoint(options.endpoint))
    return err({ uri, problem: 'its endpoint is no address', remedy: '?endpoint=https://host:port' });
  return ok({ scheme: 'gs', bucket, key: key.replaceAll(/^\/+|\/+$/g, ''), options });
}

/** Lower-case letters, digits, `-`, `_` and `.`; 63 in all, more with dots (Cloud Storage, "Bucket naming"). */
function isBucket(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name);
}

function isEndpoint(text: string): boolean {
  return /^https?:\/\/[^@?#]+$/i.test(text) && URL.canParse(text);
}
