/** What is attached to an image, in a folder that holds it as an OCI layout. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Attached {
  readonly artifactType?: string;
  readonly layers?: readonly { readonly digest: string }[];
}

/** The only one of a type. */
export function attached(layout: string, type: string): Uint8Array {
  const blobs = join(layout, 'blobs', 'sha256');
  const documents = readdirSync(blobs).flatMap(name => documentIn(readFileSync(join(blobs, name))));
  const [found, ...others] = documents.filter(({ artifactType }) => artifactType === type);
  assert.deepEqual(others, []);
  const digest = found?.layers?.[0]?.digest.replace('sha256:', '');
  assert.ok(digest !== undefined, `the layout has no ${type}`);
  return readFileSync(join(blobs, digest));
}

/** Layers are no JSON. */
function documentIn(bytes: Buffer): readonly Attached[] {
  return bytes[0] === 0x7b && bytes.length < 100_000 ? [JSON.parse(bytes.toString()) as Attached] : [];
}
