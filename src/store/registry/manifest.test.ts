import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseDocument } from './manifest.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const one = { mediaType: 'x/y', digest, size: 1 };
const OCI = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

const read = (value: unknown, type?: string): ReturnType<typeof parseDocument> =>
  parseDocument(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), type);

const good: readonly { name: string; value: object; type?: string; kind: string }[] = [
  { name: 'says it itself', value: { mediaType: OCI, config: one, layers: [one] }, kind: 'manifest' },
  {
    name: 'came as one',
    value: { config: one, layers: [one] },
    type: `${OCI}; charset=utf-8`,
    kind: 'manifest',
  },
  { name: 'looks like one', value: { config: one, layers: [] }, type: 'application/json', kind: 'manifest' },
  { name: 'has no layers', value: { mediaType: OCI, config: one, layers: null }, kind: 'manifest' },
  { name: 'says so', value: { mediaType: INDEX, manifests: [one] }, kind: 'index' },
  { name: 'came so', value: { manifests: [{ ...one, annotations: null }] }, type: INDEX, kind: 'index' },
  { name: 'looks so', value: { manifests: [] }, kind: 'index' },
];

for (const { name, value, type, kind } of good)
  test(`what ${name} is ${kind === 'index' ? 'an index' : 'a manifest'}`, () => {
    const result = read(value, type);
    assert.ok(result.ok, result.ok ? '' : result.error);
    assert.equal(result.value.kind, kind);
  });

const bad: readonly (readonly [string, unknown, RegExp])[] = [
  ['a page', '<html>', /no JSON/],
  ['a list', '[]', /no JSON/],
  ['both at once', { manifests: [one], layers: [one], config: one }, /two things at once/],
  ['an index with a config', { mediaType: INDEX, manifests: [one], config: one }, /two things at once/],
  ['an index that calls itself a manifest', { mediaType: OCI, manifests: [one] }, /broken at config/],
  ["Docker's first kind", { schemaVersion: 1, fsLayers: [] }, /schema 1/],
  ['something else', { mediaType: 'a/b' }, /unknown type, 'a\/b'/],
  [
    'a digest of another kind',
    { mediaType: OCI, config: one, layers: [{ ...one, digest: 'sha512:00' }] },
    /layers\.0\.digest: is no SHA-256/,
  ],
  [
    'a digest that is a path',
    { mediaType: INDEX, manifests: [{ ...one, digest: 'sha256:../../x' }] },
    /digest/,
  ],
  [
    'a size below nothing',
    { mediaType: OCI, config: one, layers: [{ ...one, size: -1 }] },
    /layers\.0\.size/,
  ],
  [
    'annotations that are no text',
    { mediaType: OCI, config: one, layers: [{ ...one, annotations: { a: 1 } }] },
    /annotations/,
  ],
];

for (const [name, value, problem] of bad)
  test(`${name} is refused`, () => {
    const result = read(value);
    assert.ok(!result.ok);
    assert.match(result.error, problem);
  });

test('any JSON is read or refused', () => {
  fc.assert(fc.property(fc.json(), text => void read(text, OCI)));
});
