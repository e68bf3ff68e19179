import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import test from 'node:test';
import * as fc from 'fast-check';
import type { Admissible } from '../../store.ts';
import {
  artifactOf,
  MODEL,
  manifestOf,
  sha256,
  signed,
  signedBlob,
  statementOf,
} from '../fixtures/signing.ts';
import { signatureProblem } from './check.ts';

const one = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What is wrong with a model that one of these keys must have signed. */
function problem(
  artifact: Admissible,
  keys: readonly KeyObject[] = [one.publicKey],
  asked: { exclude?: readonly string[] } = {},
): Promise<string | undefined> {
  return signatureProblem({
    artifact,
    wanted: { uri: 's3://b/m', base: '/', ...asked },
    signer: { kind: 'key', keys: keys.map((key, at) => ({ path: `key${at}.pub`, key })) },
    date: new Date('2026-01-01'),
  });
}

const kinds: readonly {
  name: string;
  pair: { publicKey: KeyObject; privateKey: KeyObject };
  hash: string | null;
}[] = [
  { name: 'P-256', pair: one, hash: 'sha256' },
  { name: 'P-384', pair: generateKeyPairSync('ec', { namedCurve: 'P-384' }), hash: 'sha384' },
  { name: 'P-521', pair: generateKeyPairSync('ec', { namedCurve: 'P-521' }), hash: 'sha512' },
  { name: 'P-384 with SHA-256', pair: generateKeyPairSync('ec', { namedCurve: 'P-384' }), hash: 'sha256' },
  { name: 'Ed25519', pair: generateKeyPairSync('ed25519'), hash: null },
  { name: 'RSA', pair: generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256' },
];

for (const { name, pair, hash } of kinds) {
  test(`a folder that was signed with a key of ${name} is let in, and with another key is not`, async () => {
    const artifact = artifactOf(MODEL, { 'model.sig': signed(MODEL, { ...pair, hash }) });
    assert.equal(await problem(artifact, [pair.publicKey]), undefined);
    assert.equal(await problem(artifact, [other.publicKey, pair.publicKey]), undefined);
    assert.equal(
      await problem(artifact, [other.publicKey]),
      'model.sig is not by key0.pub, or over other bytes',
    );
  });
}

const FILE = { 'model.onnx': 'a graph' };

for (const { name, pair, hash } of kinds.filter(kind => kind.hash !== null)) {
  test(`one file that cosign signed with a key of ${name} is let in, and other bytes are not`, async () => {
    const signatures = {
      'model.onnx.sigstore.json': signedBlob('a graph', pair.privateKey, { hash: hash ?? '' }),
    };
    assert.equal(await problem(artifactOf(FILE, signatures), [pair.publicKey]), undefined);
    assert.match(
      (await problem(artifactOf({ 'model.onnx': 'a graPh' }, signatures), [pair.publicKey])) ?? '',
      /^model\.onnx\.sigstore\.json is over other bytes: their digest is sha\d+:[0-9a-f]+, and sha\d+:[0-9a-f]+ is here$/,
    );
    assert.match(
      (await problem(artifactOf(FILE, signatures), [other.publicKey])) ?? '',
      /^model\.onnx\.sigstore\.json is not by key0\.pub, or over other bytes$/,
    );
  });
}

test('a model of several files is let in where cosign signed the text that its digest is over', async () => {
  for (const { pair, hash } of kinds) {
    const text = JSON.stringify(manifestOf(MODEL).files.map(file => [file.path, file.size, file.sha256]));
    const artifact = artifactOf(MODEL, {
      'manifest.sigstore.json': signedBlob(text, pair.privateKey, { hash: hash ?? 'sha256' }),
    });
    assert.equal(`sha256:${sha256(text)}`, artifact.digest);
    assert.equal(await problem(artifact, [pair.publicKey]), undefined);
    assert.notEqual(await problem(artifact, [other.publicKey]), undefined);
  }
});

const good = statementOf(MODEL);
const { predicate } = good;
const [first, second] = predicate.resources;
assert.ok(first && second);

/** What is signed rightly with the right key, and is not a signature of this model. */
const statements: readonly { name: string; statement: object; says: RegExp }[] = [
  {
    name: 'another kind of statement',
    statement: { ...good, predicateType: 'https://slsa.dev/provenance/v1' },
    says: /over a statement of the kind 'https:\/\/slsa\.dev\/provenance\/v1', and not https:\/\/model_signing/,
  },
  { name: 'no statement', statement: { hello: 'world' }, says: /is over no statement of in-toto$/ },
  {
    name: 'shards',
    statement: {
      ...good,
      predicate: { ...predicate, serialization: { method: 'shards', hash_type: 'sha256' } },
    },
    says: /is over shards by sha256; sign files by sha256/,
  },
  {
    name: 'another hash',
    statement: {
      ...good,
      predicate: { ...predicate, serialization: { method: 'files', hash_type: 'blake2b' } },
    },
    says: /is over files by blake2b; sign files by sha256/,
  },
  {
    name: 'a digest by another hash',
    statement: {
      ...good,
      predicate: { ...predicate, resources: [{ ...first, algorithm: 'blake3' }, second] },
    },
    says: /is over a digest of 'model\.onnx' by blake3/,
  },
  {
    name: 'a file twice',
    statement: { ...good, predicate: { ...predicate, resources: [first, first, second] } },
    says: /names 'model\.onnx' twice$/,
  },
  {
    name: 'files whose digest is another',
    statement: { ...good, predicate: { ...predicate, resources: [second, first] } },
    says: /contradicts itself: its files have another digest$/,
  },
  {
    name: 'no files',
    statement: { ...good, predicate: { ...predicate, resources: [] } },
    says: /broken at predicate\.resources$/,
  },
  {
    name: 'a digest that is none',
    statement: { ...good, predicate: { ...predicate, resources: [{ ...first, digest: 'ab' }] } },
    says: /broken at predicate\.resources\.0\.digest$/,
  },
  {
    name: 'one file only',
    statement: statementOf({ '.': 'a graph' }),
    says: /is of another model: one file was signed, and the model has 2$/,
  },
];

for (const { name, statement, says } of statements) {
  test(`a model is not let in by a signature over ${name}`, async () => {
    const artifact = artifactOf(MODEL, { 'model.sig': signed(MODEL, { ...one, statement }) });
    assert.match((await problem(artifact)) ?? '', says);
  });
}

const changes: readonly { name: string; files: Readonly<Record<string, string>>; says: RegExp }[] = [
  {
    name: 'a file that was replaced',
    files: { ...MODEL, 'model.onnx': 'a Graph' },
    says: /'model\.onnx' is not what was signed: its digest is sha256:[0-9a-f]{64}, and sha256:[0-9a-f]{64} was signed$/,
  },
  {
    name: 'a file that was added',
    files: { ...MODEL, 'evil.py': 'import os' },
    says: /'evil\.py' is not signed$/,
  },
  {
    name: 'a file that was removed',
    files: { 'model.onnx': 'a graph' },
    says: /'weights\/model\.onnx\.data' was signed, and is not there$/,
  },
  {
    name: 'a file that was renamed',
    files: { 'Model.onnx': 'a graph', 'weights/model.onnx.data': 'weights' },
    says: /'Model\.onnx' is not signed$/,
  },
  {
    name: 'two files that changed places',
    files: { 'model.onnx': 'weights', 'weights/model.onnx.data': 'a graph' },
    says: /'model\.onnx' is not what was signed/,
  },
];

for (const { name, files, says } of changes) {
  test(`a signed model is not let in with ${name}`, async () => {
    const artifact = artifactOf(files, { 'model.sig': signed(MODEL, one) });
    assert.match((await problem(artifact)) ?? '', says);
  });
}

test('what was signed need not be there where it is no part of a model, or was left out', async () => {
  const all = { ...MODEL, '.gitattributes': '*', 'pytorch_model.bin': 'pickle' };
  const artifact = artifactOf(MODEL, { 'model.sig': signed(all, one) });
  assert.match((await problem(artifact)) ?? '', /'pytorch_model\.bin' was signed, and is not there$/);
  assert.equal(await problem(artifact, undefined, { exclude: ['*.bin'] }), undefined);
});

test('what the signer left out is not signed, and the message says so', async () => {
  const statement = statementOf({ 'model.onnx': 'a graph' }, ['weights']);
  const artifact = artifactOf(MODEL, { 'model.sig': signed(MODEL, { ...one, statement }) });
  assert.match(
    (await problem(artifact)) ?? '',
    /'weights\/model\.onnx\.data' is not signed: 'weights' was left out when it was signed$/,
  );
});

test('one file that model signing signed is let in under any name', async () => {
  const artifact = artifactOf(
    { 'renamed.onnx': 'a graph' },
    { 'model.sig': signed({ '.': 'a graph' }, one) },
  );
  assert.equal(await problem(artifact), undefined);
});

test('signatures of folders vouch for their folders, and together for all', async () => {
  const files = { '1/model.onnx': 'a', '2/model.onnx': 'b' };
  const ofFirst = signed({ 'model.onnx': 'a' }, one);
  const both = { '1/model.sig': ofFirst, '2/model.sig': signed({ 'model.onnx': 'b' }, one) };
  assert.equal(await problem(artifactOf(files, both)), undefined);
  assert.equal(await problem(artifactOf(files, { '1/model.sig': ofFirst })), "'2/model.onnx' is not signed");
  assert.match(
    (await problem(artifactOf(files, { '1/model.sig': ofFirst, '2/model.sig': ofFirst }))) ?? '',
    /^2\/model\.sig is of another model: 'model\.onnx' is not what was signed/,
  );
});

test('a signature that was replaced beside a good one takes nothing away', async () => {
  const artifact = artifactOf(MODEL, { 'a.sigstore.json': 'broken', 'model.sig': signed(MODEL, one) });
  assert.equal(await problem(artifact), undefined);
});

test('a model without a signature is not let in', async () => {
  assert.equal(
    await problem(artifactOf(MODEL)),
    'it must be signed, and no signature lies beside it: a model.sig, or a *.sigstore.json',
  );
});

test('another key than the policy has is named by its hint', async () => {
  const material = { publicKey: { hint: sha256(other.publicKey.export({ type: 'spki', format: 'pem' })) } };
  const artifact = artifactOf(MODEL, { 'model.sig': signed(MODEL, { ...other, material }) });
  assert.equal(await problem(artifact), 'model.sig is by another key than key0.pub');
  // A hint is a word of whoever signed, and no proof.
  assert.equal(await problem(artifact, [other.publicKey]), undefined);
});

const payload = signed(MODEL, one) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const envelope = payload['dsseEnvelope'] ?? {};
const blob = signedBlob('a graph', one.privateKey) as Readonly<Record<string, object>>;

const broken: readonly { name: string; bundle: unknown; says: RegExp }[] = [
  { name: 'no JSON', bundle: '{', says: /is no bundle of Sigstore$/ },
  { name: 'nested without end', bundle: '['.repeat(1_000_000), says: /is no bundle of Sigstore$/ },
  { name: 'too large', bundle: ' '.repeat(33 * 1024 ** 2), says: /is larger than 32 MiB$/ },
  { name: 'null', bundle: null, says: /is no bundle of Sigstore$/ },
  {
    name: 'of a kind that is not known',
    bundle: { ...payload, mediaType: 'application/json' },
    says: /no bundle of Sigstore \(at mediaType\)$/,
  },
  {
    name: "cosign's own",
    bundle: { base64Signature: 'aa', rekorBundle: {} },
    says: /of cosign before it wrote those of Sigstore; sign with --new-bundle-format$/,
  },
  {
    name: 'signed twice',
    bundle: { ...payload, dsseEnvelope: { ...envelope, signatures: [{ sig: 'aaaa' }, { sig: 'aaaa' }] } },
    says: /\(at dsseEnvelope\.signatures\)$/,
  },
  {
    name: 'signed by nothing',
    bundle: { ...payload, dsseEnvelope: { ...envelope, signatures: [{ sig: '' }] } },
    says: /\(at dsseEnvelope\.signatures\.0\.sig\)$/,
  },
  {
    name: 'signed by garbage',
    bundle: { ...payload, dsseEnvelope: { ...envelope, signatures: [{ sig: 'aaaa' }] } },
    says: /is not by key0\.pub, or over other bytes$/,
  },
  {
    name: 'of two things',
    bundle: { ...payload, messageSignature: blob['messageSignature'] },
    says: /must have exactly one of dsseEnvelope and messageSignature$/,
  },
  {
    name: 'of nothing',
    bundle: { ...payload, dsseEnvelope: undefined },
    says: /must have exactly one of dsseEnvelope and messageSignature$/,
  },
  {
    name: 'by nobody',
    bundle: { ...payload, verificationMaterial: {} },
    says: /must say by one key or certificate that it was signed by$/,
  },
  {
    name: 'of another type than was signed',
    bundle: { ...payload, dsseEnvelope: { ...envelope, payloadType: 'text/plain' } },
    says: /is not by key0\.pub, or over other bytes$/,
  },
  {
    name: 'of another payload than was signed',
    bundle: {
      ...payload,
      dsseEnvelope: { ...envelope, payload: Buffer.from('{}').toString('base64') },
    },
    says: /is not by key0\.pub, or over other bytes$/,
  },
  {
    name: 'of a text that is no base64',
    bundle: { ...payload, dsseEnvelope: { ...envelope, payload: '@@@@' } },
    says: /\(at dsseEnvelope\.payload\)$/,
  },
  {
    name: 'by a hash that is not known',
    bundle: {
      ...blob,
      messageSignature: { ...blob['messageSignature'], messageDigest: { algorithm: 'MD5', digest: 'aaaa' } },
    },
    says: /\(at messageSignature\.messageDigest\.algorithm\)$/,
  },
  {
    name: 'with a thousand certificates',
    bundle: {
      ...payload,
      verificationMaterial: {
        x509CertificateChain: { certificates: Array.from({ length: 1000 }, () => ({ rawBytes: 'aaaa' })) },
      },
    },
    says: /\(at verificationMaterial\.x509CertificateChain\.certificates\)$/,
  },
];

for (const { name, bundle, says } of broken) {
  test(`a bundle is refused that is ${name}`, async () => {
    assert.match((await problem(artifactOf(MODEL, { 'model.sig': bundle }))) ?? '', says);
  });
}

test('a payload of another type is refused, though it is signed', async () => {
  const artifact = artifactOf(MODEL, { 'model.sig': signed(MODEL, { ...one, payloadType: 'text/plain' }) });
  assert.equal(
    await problem(artifact),
    "model.sig is over a payload of the type 'text/plain', and not application/vnd.in-toto+json",
  );
});

test('a signature is not made better by being one of thousands', async () => {
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`${at}.sigstore.json`, payload]));
  assert.equal(await problem(artifactOf(MODEL, many)), 'more than 20 signatures lie beside it');
});

test('a key of a weak kind lets nothing in', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  for (const pair of [weak, curve])
    assert.notEqual(
      await problem(artifactOf(MODEL, { 'model.sig': signed(MODEL, pair) }), [
        createPublicKey(pair.privateKey),
      ]),
      undefined,
    );
});

test('a file that is not the one of the manifest when its signature is checked is not let in', async () => {
  const artifact = artifactOf(FILE, { 'model.onnx.sigstore.json': blob });
  const changed: Admissible = {
    ...artifact,
    async *read() {
      yield Buffer.from('another graph');
    },
  };
  assert.match((await problem(changed)) ?? '', /the file was changed while it was read$/);
});

const BUNDLE = JSON.stringify(payload);

test('no change of any byte of a bundle makes it vouch for another model', async () => {
  const others = { ...MODEL, 'model.onnx': 'another graph' };
  await fc.assert(
    fc.asyncProperty(
      fc.nat(BUNDLE.length - 1),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
      async (at, letter) => {
        const bundle = BUNDLE.slice(0, at) + letter + BUNDLE.slice(at + 1);
        assert.notEqual(await problem(artifactOf(others, { 'model.sig': bundle })), undefined);
      },
    ),
    { numRuns: 300 },
  );
});
