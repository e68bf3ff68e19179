import { err, ok, type Result } from '#base';
import type { Referrer } from './port.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * The index of what refers to a digest, with one more: distribution specification 1.1, "Pushing Manifests with Subject". Undefined
 * where it has that already. What else the index says is kept. The error is what is wrong with the index.
 */
export function withReferrer(
  index: Uint8Array | undefined,
  referrer: Referrer,
): Result<Uint8Array | undefined, string> {
  const value: unknown = index === undefined ? emptyIndex : JSON.parse(Buffer.from(index).toString('utf8'));
  const { manifests } = value as { manifests?: unknown };
  if (!Array.isArray(manifests)) return err('holds no index');
  const isThere = manifests.some(one => (one as { digest?: unknown } | null)?.digest === referrer.digest);
  if (isThere) return ok(undefined);
  return ok(Buffer.from(JSON.stringify({ ...(value as object), manifests: [...manifests, referrer] })));
}

const emptyIndex = { schemaVersion: 2, mediaType: INDEX, manifests: [] };

export const indexType = INDEX;
