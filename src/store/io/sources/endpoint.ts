import { failure } from '#base';

/** An address as it was configured, and not in the URI. Throws `source_refused` for what is none, which may hold a password. */
export function configured(endpoint: string, by: string, uri: string): string {
  const isAddress = /^https?:$/.test(URL.parse(endpoint)?.protocol ?? '');
  if (isAddress) return endpoint;
  throw failure('source_refused', {
    uri,
    problem: `${by} is no address`,
    remedy: 'write it with its scheme: http://minio:9000',
  });
}
