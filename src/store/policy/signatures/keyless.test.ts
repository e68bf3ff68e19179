import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import type { Admissible } from '../../store.ts';
import { artifactOf, MODEL, signedBlob } from '../fixtures/signing.ts';
import { type Bundle, IDENTITY, ISSUER, sigstore } from '../fixtures/sigstore.ts';
import type { KeylessSigner } from '../rules.ts';
import { signatureProblem } from './check.ts';
import { isLike } from './keyless.ts';

const house = await sigstore();
const good = await house.sign(MODEL);

function problem(artifact: Admissible, change: Partial<KeylessSigner> = {}): Promise<string | undefined> {
  return signatureProblem({
    artifact,
    wanted: { uri: 's3://b/m', base: '/' },
    signer: { kind: 'keyless', issuer: ISSUER, identity: IDENTITY, trustRoot: house.root, ...change },
    date: new Date('2026-01-01'),
  });
}

const model = (bundle: unknown) => artifactOf(MODEL, { 'model.sig': bundle });

test('a model that its identity signed through Sigstore is let in', async () => {
  assert.equal(await problem(model(good)), undefined);
  const identity = 'https://github.example/acme/*/.github/workflows/train.yml@refs/tags/v*';
  assert.equal(await problem(model(good), { identity }), undefined);
});

test('one file that its identity signed through Sigstore is let in, and other bytes are not', async () => {
  const signatures = { 'm.onnx.sigstore.json': await house.signBlob('a graph') };
  assert.equal(await problem(artifactOf({ 'm.onnx': 'a graph' }, signatures)), undefined);
  assert.match(
    (await problem(artifactOf({ 'm.onnx': 'a Graph' }, signatures))) ?? '',
    /^m\.onnx\.sigstore\.json is over other bytes/,
  );
});

test('a model that is another than was signed is not let in', async () => {
  const artifact = artifactOf({ ...MODEL, 'more.onnx': 'b' }, { 'model.sig': good });
  assert.equal(await problem(artifact), "model.sig is of another model: 'more.onnx' is not signed");
});

const others: readonly { name: string; change: Partial<KeylessSigner>; says: RegExp }[] = [
  {
    name: 'another identity',
    change: { identity: 'https://github.example/evil/**' },
    says: /^model\.sig is by https:\/\/github\.example\/acme\/.*, and must be by https:\/\/github\.example\/evil\/\*\*$/,
  },
  {
    name: 'an identity that only begins so',
    change: { identity: IDENTITY.slice(0, -1) },
    says: /^model\.sig is by .*, and must be by /,
  },
  {
    name: 'another issuer',
    change: { issuer: `${ISSUER}.evil` },
    says: /^model\.sig is vouched for by https:\/\/token\.actions\.example, and https:\/\/token\.actions\.example\.evil must do so$/,
  },
  {
    name: 'a root that is none',
    change: { trustRoot: { certificateAuthorities: 5 } },
    says: /^model\.sig (?:cannot be checked|has no timestamp|is by a certificate)/,
  },
];

for (const { name, change, says } of others) {
  test(`what was signed through Sigstore is not let in by ${name}`, async () =>
    assert.match((await problem(model(good), change)) ?? '', says));
}

test('what was signed through another Sigstore is not let in', async () => {
  const elsewhere = await sigstore();
  assert.match(
    (await problem(model(good), { trustRoot: elsewhere.root })) ?? '',
    /^model\.sig is (?:by a certificate that|not in a log that) the trusted root/,
  );
  // A certificate of its own authority does not make up for a log that nobody trusts.
  const mixed = { ...house.root, tlogs: elsewhere.root.tlogs };
  assert.match((await problem(model(good), { trustRoot: mixed })) ?? '', /^model\.sig is not in a log/);
});

test('what was signed with a certificate that had expired is not let in', async () => {
  const late = await sigstore({ hoursLate: 1 });
  assert.match(
    (await problem(model(await late.sign(MODEL)), { trustRoot: late.root })) ?? '',
    /^model\.sig is by a certificate that the trusted root does not vouch for/,
  );
});

test('a certificate that is in no log is not let in where the root names one', async () => {
  const bare = await sigstore({ withoutLog: true });
  const bundle = await bare.sign(MODEL);
  assert.match(
    (await problem(model(bundle), { trustRoot: bare.root })) ?? '',
    /^model\.sig is by a certificate that the trusted root does not vouch for/,
  );
  assert.equal(await problem(model(bundle), { trustRoot: { ...bare.root, ctlogs: [] } }), undefined);
});

test('a timestamp says when it was signed where no log does, and an expired certificate is not let in by it', async () => {
  const stamped = await sigstore({ withTimestamps: true });
  const bundle = await stamped.sign(MODEL);
  assert.equal(await problem(model(bundle), { trustRoot: stamped.root }), undefined);
  const bare = { ...stamped.root, timestampAuthorities: [] };
  assert.match(
    (await problem(model(bundle), { trustRoot: bare })) ?? '',
    /^model\.sig has no timestamp that the trusted root vouches for/,
  );
  const late = await sigstore({ withTimestamps: true, hoursLate: 1 });
  assert.match(
    (await problem(model(await late.sign(MODEL)), { trustRoot: late.root })) ?? '',
    /^model\.sig is by a certificate that the trusted root does not vouch for/,
  );
});

const { verificationMaterial: material } = good;
const [entry = {}] = material.tlogEntries;
const withEntries = (...tlogEntries: object[]): Bundle => ({
  ...good,
  verificationMaterial: { ...material, tlogEntries },
});
const other = await house.sign({ ...MODEL, 'model.onnx': 'another graph' });

const forged: readonly { name: string; bundle: unknown }[] = [
  { name: 'without a log entry', bundle: withEntries() },
  {
    name: 'with the log entry of another signature',
    bundle: withEntries(...other.verificationMaterial.tlogEntries),
  },
  { name: 'with a log entry twice', bundle: withEntries(entry, entry) },
  { name: 'with eleven log entries', bundle: withEntries(...Array.from({ length: 11 }, () => entry)) },
  { name: 'with another time', bundle: withEntries({ ...entry, integratedTime: '1' }) },
  { name: 'without a promise of the log', bundle: withEntries({ ...entry, inclusionPromise: undefined }) },
  { name: 'with a body that is no JSON', bundle: withEntries({ ...entry, canonicalizedBody: 'aaaa' }) },
  {
    name: 'with the certificate of another signature',
    bundle: {
      ...good,
      verificationMaterial: { ...other.verificationMaterial, tlogEntries: material.tlogEntries },
    },
  },
  {
    name: 'with a certificate that is none',
    bundle: { ...good, verificationMaterial: { ...material, certificate: { rawBytes: 'aaaa' } } },
  },
  { name: 'with what another signature is over', bundle: { ...good, dsseEnvelope: other.dsseEnvelope } },
];

for (const { name, bundle } of forged) {
  test(`a bundle of Sigstore is refused ${name}`, async () =>
    assert.match((await problem(model(bundle))) ?? 'let in', /^model\.sig (?:is|has|cannot)/));
}

test('a bundle by a key is refused where Sigstore is asked for, and says so', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const artifact = artifactOf({ 'm.onnx': 'a' }, { 'm.onnx.sigstore.json': signedBlob('a', privateKey) });
  assert.equal(
    await problem(artifact),
    'm.onnx.sigstore.json is by a key, and must be by a certificate of Sigstore',
  );
});

const patterns: readonly (readonly [pattern: string, text: string, isLike: boolean])[] = [
  ['a@acme.example', 'a@acme.example', true],
  ['a@acme.example', 'a@acmeXexample', false],
  ['*@acme.example', 'b@acme.example', true],
  ['*@acme.example', 'b@acme.example.evil', false],
  ['*@acme.example', 'evil/b@acme.example', false],
  ['https://h/*/x', 'https://h/a/b/x', false],
  ['https://h/**', 'https://h/a/b/x', true],
  ['https://h/**', 'xhttps://h/a', false],
  ['a|b', 'a', false],
  ['*', 'a\nb', true],
];

for (const [pattern, text, expected] of patterns) {
  test(`${JSON.stringify(text)} is ${expected ? '' : 'not '}like ${pattern}`, () =>
    assert.equal(isLike(text, pattern), expected));
}
