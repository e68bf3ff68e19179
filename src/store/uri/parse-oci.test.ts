import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseOci } from './parse-oci.ts';
import type { OciReference } from './reference.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

const read: readonly (readonly [
  string,
  Omit<OciReference, 'scheme' | 'options'>,
  OciReference['options']?,
])[] = [
  ['oci://ghcr.io/org/model:v1', { registry: 'ghcr.io', repository: 'org/model', tag: 'v1' }],
  ['OCI://GHCR.io/org/model', { registry: 'ghcr.io', repository: 'org/model' }],
  [`oci://ghcr.io/org/model@${digest}`, { registry: 'ghcr.io', repository: 'org/model', digest }],
  [`oci://ghcr.io/m:v1@${digest}`, { registry: 'ghcr.io', repository: 'm', tag: 'v1', digest }],
  ['oci://localhost/m', { registry: 'localhost', repository: 'm' }],
  ['oci://localhost:5000/a/b/c:1.0_x-y', { registry: 'localhost:5000', repository: 'a/b/c', tag: '1.0_x-y' }],
  ['oci://registry:5000/m', { registry: 'registry:5000', repository: 'm' }],
  ['oci://[::1]:5000/m:1', { registry: '[::1]:5000', repository: 'm', tag: '1' }],
  ['oci://docker.io/library/ubuntu', { registry: 'docker.io', repository: 'library/ubuntu' }],
  ['oci://r.io/a__b/c-d.e:Latest', { registry: 'r.io', repository: 'a__b/c-d.e', tag: 'Latest' }],
  ['oci://r.io/m?insecure=true', { registry: 'r.io', repository: 'm' }, { insecure: true }],
];

for (const [uri, expected, options = {}] of read)
  test(`${uri} is read`, () => {
    assert.deepEqual(parseOci(uri), { ok: true, value: { scheme: 'oci', ...expected, options } });
  });

const refused: readonly (readonly [string, RegExp, string?])[] = [
  ['oci://ubuntu', /names no registry/, 'oci://docker.io/library/ubuntu'],
  ['oci://ubuntu:24.04', /names no registry/, 'oci://docker.io/library/ubuntu:24.04'],
  ['oci://org/model:1', /names no registry/, 'oci://docker.io/org/model:1'],
  ['oci://docker.io/ubuntu:1', /has an owner/, 'oci://docker.io/library/ubuntu:1'],
  ['oci:ghcr.io/m', /no \/\//],
  ['oci://', /names no registry/],
  ['oci://ghcr.io/', /names no repository/],
  ['oci://ghcr.io', /names no registry/],
  ['oci://-x.io/m', /'-x\.io' is no registry/],
  ['oci://r.io:port/m', /is no registry/],
  ['oci://me:word@r.io/m', /a user in it/],
  ['oci://r.io/Org/Model:V1', /lower case/, 'oci://r.io/org/model:V1'],
  ['oci://r.io/m/', /'m\/' is no name/, 'oci://r.io/m'],
  ['oci://r.io/a//b', /is no name/],
  ['oci://r.io/../m', /is no name/],
  ['oci://r.io/m:', /'' is no tag/],
  ['oci://r.io/m:-x', /'-x' is no tag/],
  [`oci://r.io/m:${'x'.repeat(129)}`, /is no tag/],
  [`oci://r.io/${'m'.repeat(256)}`, /too long/],
  ['oci://r.io/m@latest', /is no digest/],
  ['oci://r.io/m@sha512:00', /is no digest/],
  [`oci://r.io/m:1@${digest.toUpperCase()}`, /digests are in lower case/, `oci://r.io/m:1@${digest}`],
  [`oci://r.io/m@${digest}@${digest}`, /is no digest/],
  ['oci://r.io/m?insecure=maybe', /'insecure' has no such value/],
  ['oci://r.io/m?insecur=true', /'insecur' is none of insecure/, '?insecure=…'],
];

for (const [uri, problem, remedy] of refused)
  test(`${uri.slice(0, 60)} is refused`, () => {
    const result = parseOci(uri);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
    if (remedy !== undefined) assert.equal(result.error.remedy, remedy);
  });

test('any text is read or refused, and what is read is a path of a URL as it stands', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const result = parseOci(`oci://r.io/${text}`);
      if (result.ok) assert.match(result.value.repository, /^[a-z0-9._/-]+$/);
    }),
  );
});
