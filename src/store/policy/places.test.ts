import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { readSource } from '#spec';
import { parseReference } from '../uri/parse.ts';
import type { Reference } from '../uri/reference.ts';
import { isWithin } from './places.ts';

function isLetIn(reference: Reference, written: string): boolean {
  const place = readSource(written);
  assert.ok(place.ok, written);
  return isWithin(reference, '/srv', { written, place: place.value });
}

function referenceOf(uri: string): Reference {
  const read = parseReference(uri);
  assert.ok(read.ok, uri);
  return read.value;
}

const s3 = (bucket: string, key: string, endpoint?: string): Reference => ({
  scheme: 's3',
  bucket,
  key,
  options: endpoint === undefined ? {} : { endpoint },
});
const https = (url: string): Reference => ({ scheme: 'https', url });
const oci = (registry: string, repository: string, options = {}): Reference => ({
  scheme: 'oci',
  registry,
  repository,
  options,
});
const hf = (owner: string, repo: string): Reference => ({ scheme: 'hf', owner, repo, path: '' });

const letIn: readonly (readonly [rule: string, reference: Reference])[] = [
  ['file', referenceOf('./m.onnx')],
  ['file:///srv/', referenceOf('models/m.onnx')],
  ['file:///models', referenceOf('file:///models/a')],
  ['pvc', referenceOf('pvc://claim/a')],
  ['pvc://claim', referenceOf('pvc://claim/a')],
  ['s3', referenceOf('s3://any/thing')],
  ['s3://models', referenceOf('s3://models')],
  ['s3://models', referenceOf('s3://models/a/b')],
  ['s3://models/team/', referenceOf('s3://models/team')],
  ['s3://models/team', referenceOf('s3://models/team/a')],
  ['s3://models?endpoint=http://MINIO:9000/', referenceOf('s3://models/a?endpoint=http://minio:9000')],
  ['s3://models', referenceOf('s3://models/a?region=eu-west-1')],
  ['az', referenceOf('https://acme.blob.core.windows.net/models/a')],
  ['https', referenceOf('https://acme.blob.core.windows.net/models/a')],
  ['az://models', referenceOf('az://models/a')],
  ['az://models@acme/', referenceOf('https://acme.blob.core.windows.net/models/a')],
  ['https://acme.blob.core.windows.net/models/', referenceOf('az://models@acme/a')],
  ['oci://ghcr.io/acme/', oci('GHCR.io', 'acme/digits')],
  ['oci://docker.io/acme', oci('registry-1.docker.io', 'acme/digits')],
  ['oci://localhost:5000/?insecure=true', oci('localhost:5000', 'a/b', { insecure: true })],
  ['hf', hf('anyone', 'digits')],
  ['hf://acme', hf('acme', 'digits')],
  ['https://host.example/models/', https('https://HOST.example:443/models/m%2eonnx?sig=secret')],
  ['https://host.example/models/', https('https://host.example/other/../models/a')],
  ['http://127.0.0.1:8080', https('http://127.0.0.1:8080/a')],
];

for (const [rule, reference] of letIn) {
  test(`${rule} lets in ${JSON.stringify(reference)}`, () => assert.equal(isLetIn(reference, rule), true));
}

const keptOut: readonly (readonly [rule: string, reference: Reference])[] = [
  ['file:///srv/models', referenceOf('./models-evil/m.onnx')],
  ['file:///srv/models', referenceOf('./models/../other')],
  ['file:///srv/models', referenceOf('file:///srv/models/%2e%2e/other')],
  ['s3', referenceOf('./m.onnx')],
  ['s3://models', referenceOf('s3://models-evil/a')],
  ['s3://models/team', referenceOf('s3://models/team-v2/a')],
  ['s3://models/team', referenceOf('s3://models/')],
  ['s3://models/team', s3('models', 'team/../other')],
  ['s3://models', s3('models', 'a', 'http://evil')],
  ['s3', s3('models', 'a', 'http://evil')],
  ['s3://models?endpoint=https://minio', s3('models', 'a')],
  ['s3://models?endpoint=https://minio', s3('models', 'a', 'http://minio')],
  ['s3://models?endpoint=https://minio', s3('models', 'a', 'https://minio:9000')],
  ['s3://models?endpoint=https://minio', s3('models', 'a', 'https://minio.evil')],
  ['s3://models?endpoint=https://minio', s3('models', 'a', 'https://minio@evil')],
  ['gs://models', s3('models', 'a')],
  ['az://models', referenceOf('az://models@evil/a')],
  ['az://models@acme', referenceOf('az://models@acmeevil/a')],
  ['az://models@acme', referenceOf('az://models/a')],
  ['https://acme.blob.core.windows.net/models/', referenceOf('https://acme.blob.core.windows.net/models2/a')],
  ['oci://ghcr.io/acme', oci('ghcr.io.evil', 'acme/digits')],
  ['oci://ghcr.io/acme', oci('ghcr.io', 'acme-evil/digits')],
  ['oci://ghcr.io/acme', oci('ghcr.io:5000', 'acme/digits')],
  ['oci://ghcr.io/acme', oci('ghcr.io', 'acme/digits', { insecure: true })],
  ['hf://acme', hf('acme2', 'digits')],
  ['https://host.example', https('http://host.example/a')],
  ['https://host.example', https('https://host.example.evil/a')],
  ['https://host.example', https('https://host.example@evil/a')],
  ['https://host.example', https('https://host.example:444/a')],
  ['https://host.example', https('https://host.example%2eevil/a')],
  ['https://host.example/models', https('https://host.example/models/../other/a')],
  ['https://host.example/models', https('https://host.example/models/%2e%2e/other')],
  ['https://host.example/models', https('https://host.example/models/..%2fother')],
  ['https://host.example/models', https('https://host.example/models/%252e%252e%252fother')],
  ['https://host.example/models', https(String.raw`https://host.example/models/..\other`)],
  ['https://host.example/models', https('https://host.example/models/%5c..%5cother')],
  ['https://host.example/models', https('https://host.example/models%00/a')],
  ['https://host.example/models', https('https://host.example/models/%zz')],
  ['https://host.example', https('not an address')],
];

for (const [rule, reference] of keptOut) {
  test(`${rule} keeps out ${JSON.stringify(reference)}`, () => assert.equal(isLetIn(reference, rule), false));
}

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,10}[a-z0-9]$/);
const host = fc.stringMatching(/^[a-z]{2,8}\.(?:com|example)$/);
const path = fc.array(fc.oneof(name, fc.constantFrom('..', '.', '%2e%2e', '..%2f..', 'a%2fb', '%252e.')), {
  maxLength: 5,
});

test('what is let in lies below the rule, however its address is written, once every server has resolved it', () => {
  fc.assert(
    fc.property(host, path, fc.array(name, { minLength: 1, maxLength: 2 }), (server, parts, below) => {
      const rule = `https://${server}/${below.join('/')}/`;
      const url = `https://${server}/${[...below, ...parts].join('/')}`;
      if (!isLetIn(https(url), rule)) return;
      // As a server would that decodes once more than it should, and resolves after that.
      let resolved = new URL(url).pathname;
      for (let round = 0; round < 3; round++)
        resolved = new URL(decodeURIComponent(resolved), 'https://h/').pathname;
      assert.ok(`${resolved}/`.startsWith(`/${below.join('/')}/`), resolved);
    }),
    { numRuns: 3000 },
  );
});

const dots = (parts: readonly string[]): boolean => parts.some(part => part === '.' || part === '..');

test('a bucket and its folders let in what is below them, and nothing that only begins so', () => {
  const key = fc.array(fc.oneof(name, fc.constantFrom('..', '.', '')), { minLength: 1, maxLength: 4 });
  const folders = fc.array(name, { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(name, folders, name, key, (bucket, below, tail, parts) => {
      const rule = `s3://${[bucket, ...below].join('/')}`;
      const letsIn = (asked: string, ...names: readonly string[]): boolean =>
        isLetIn(s3(asked, names.join('/')), rule);
      assert.equal(letsIn(bucket, ...below, ...parts), !dots(parts));
      assert.equal(letsIn(`${bucket}${tail}`, ...below, ...parts), false);
      assert.equal(letsIn(bucket, `${below.join('/')}${tail}`, ...parts), false);
      assert.equal(letsIn(bucket, ...below.slice(0, -1)), false);
    }),
  );
});
