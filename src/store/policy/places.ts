/** Where a URI leads, in the parts that rules of `policy.sources` are compared with. */
import { resolve } from 'node:path';
import { unreachable } from '#base';
import { addressPlace, azureService, endpointName, isDots, registryName, type SourcePlace } from '#spec';
import type { AzReference, GsReference, Reference, S3Reference } from '../uri/reference.ts';
import type { NamedPlace } from './rules.ts';

/** Whether a rule lets in what a reference names. What cannot be compared for sure is not. */
export function isWithin(reference: Reference, base: string, { place: rule }: NamedPlace): boolean {
  const place = placeOf(reference, base);
  if (place === undefined || place.endpoint !== rule.endpoint) return false;
  // A blob's own URL is an address as well as one of Azure's.
  if (rule.parts.length === 0) return rule.scheme === place.scheme || rule.scheme === reference.scheme;
  return rule.scheme === place.scheme && rule.parts.every((part, at) => part === place.parts[at]);
}

/** Undefined where its path could lead elsewhere than it says. */
function placeOf(reference: Reference, base: string): SourcePlace | undefined {
  const place = written(reference, base);
  return place?.parts.some(isDots) ? undefined : place;
}

function written(reference: Reference, base: string): SourcePlace | undefined {
  switch (reference.scheme) {
    case 'file':
      return { scheme: 'file', parts: split(resolve(base, reference.path)) };
    case 'pvc':
      return { scheme: 'pvc', parts: [reference.claim, ...split(reference.path)] };
    case 's3':
    case 'gs':
      return bucketPlace(reference);
    case 'az':
      return azurePlace(reference);
    case 'oci': {
      const parts = [registryName(reference.registry), ...split(reference.repository)];
      return { scheme: 'oci', parts, endpoint: reference.options.insecure === true ? 'http' : undefined };
    }
    case 'hf':
      return { scheme: 'hf', parts: [reference.owner, reference.repo, ...split(reference.path)] };
    case 'https':
      return addressPlace(reference.url);
    default:
      return unreachable(reference);
  }
}

function bucketPlace({ scheme, bucket, key, options }: S3Reference | GsReference): SourcePlace | undefined {
  const parts = [bucket, ...split(key)];
  if (options.endpoint === undefined) return { scheme, parts };
  const endpoint = endpointName(options.endpoint);
  return endpoint === undefined ? undefined : { scheme, parts, endpoint };
}

/** What names its account is at an address; otherwise the environment names it. */
function azurePlace({ endpoint, account, container, key }: AzReference): SourcePlace | undefined {
  const service = endpoint ?? (account === undefined ? undefined : azureService(account));
  const below = [container, ...split(key)];
  if (service === undefined) return { scheme: 'az', parts: below };
  const url = URL.parse(service);
  return url === null
    ? undefined
    : { scheme: url.protocol === 'https:' ? 'https' : 'http', parts: [url.host, ...below] };
}

function split(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}
