import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import test from 'node:test';
import { initializeCA } from '@sigstore/mock';
import { artifactOf, MODEL, signed, signedBlob } from '../fixtures/signing.ts';
import { signatureProblem } from './check.ts';

const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const now = new Date();
const MINUTE = 60_000;

/** An authority whose certificates are valid for ten minutes. */
async function authority() {
  const issuer = await initializeCA(keys(), undefined, now);
  const certificate = new X509Certificate(bytesOf(issuer.rootCertificate));
  return {
    certificate,
    async certify(publicKey: KeyObject): Promise<string> {
      const key = publicKey.export({ type: 'spki', format: 'der' });
      const issued = await issuer.issueCertificate({ publicKey: key, subjectAltName: 'https://a.example' });
      return bytesOf(issued).toString('base64');
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

const house = await authority();
const other = await authority();
const pair = keys();
const own = await house.certify(pair.publicKey);

const chain = (...certificates: string[]): object => ({
  x509CertificateChain: { certificates: certificates.map(rawBytes => ({ rawBytes })) },
});

function problem(
  material: object,
  { minutes = 1, privateKey = pair.privateKey, authorities = [house.certificate] } = {},
): Promise<string | undefined> {
  return signatureProblem({
    artifact: artifactOf(MODEL, { 'model.sig': signed(MODEL, { privateKey, material }) }),
    wanted: { uri: 's3://b/m', base: '/' },
    signer: { kind: 'certificate', authorities },
    date: new Date(now.getTime() + minutes * MINUTE),
  });
}

test('a model that was signed by whom an authority certified is let in', async () => {
  assert.equal(await problem(chain(own)), undefined);
  assert.equal(await problem({ certificate: { rawBytes: own } }), undefined);
  const root = house.certificate.raw.toString('base64');
  assert.equal(await problem(chain(own, root)), undefined);
  assert.equal(await problem(chain(own), { authorities: [other.certificate, house.certificate] }), undefined);
});

test('one file that was signed so is let in, read and not held', async () => {
  const blob = signedBlob('a graph', pair.privateKey, { material: chain(own) });
  const found = await signatureProblem({
    artifact: artifactOf({ 'm.onnx': 'a graph' }, { 'm.onnx.sigstore.json': blob }),
    wanted: { uri: 's3://b/m', base: '/' },
    signer: { kind: 'certificate', authorities: [house.certificate] },
    date: new Date(now.getTime() + MINUTE),
  });
  assert.equal(found, undefined);
});

const rootOf = ({ certificate }: { certificate: X509Certificate }) => certificate.raw.toString('base64');

const refused: readonly { name: string; ask: () => Promise<string | undefined>; says: RegExp }[] = [
  {
    name: 'a certificate of another authority',
    ask: async () => problem(chain(await other.certify(pair.publicKey))),
    says: /^model\.sig is by a certificate that no authority of the policy issued/,
  },
  {
    name: 'a certificate of another authority that comes with it',
    ask: async () => problem(chain(await other.certify(pair.publicKey), rootOf(other))),
    says: /no authority of the policy issued/,
  },
  {
    name: 'a certificate of another authority, with the right one behind it',
    ask: async () => problem(chain(await other.certify(pair.publicKey), rootOf(other), rootOf(house))),
    says: /no authority of the policy issued/,
  },
  {
    name: 'a certificate that has expired',
    ask: () => problem(chain(own), { minutes: 11 }),
    says: /^model\.sig is by a certificate that is valid from .* to .*/,
  },
  {
    name: 'a certificate that is not valid yet',
    ask: () => problem(chain(own), { minutes: -10 }),
    says: /is by a certificate that is valid from/,
  },
  {
    name: 'a certificate of another key',
    ask: () => problem(chain(own), { privateKey: keys().privateKey }),
    says: /^model\.sig is not by the key of its certificate, or over other bytes$/,
  },
  {
    name: 'the certificate of the authority itself',
    ask: () => problem(chain(rootOf(house))),
    says: /is by the certificate of an authority/,
  },
  {
    name: 'a certificate that is none',
    ask: () => problem(chain('aaaa')),
    says: /has a certificate that cannot be read$/,
  },
  {
    name: 'a certificate that is none behind a good one',
    ask: () => problem(chain(own, 'aaaa')),
    says: /has a certificate that cannot be read$/,
  },
  {
    name: 'a key',
    ask: () => problem({ publicKey: {} }),
    says: /^model\.sig is by a key, and must be by a certificate$/,
  },
];

for (const { name, ask, says } of refused) {
  test(`where an authority is asked for, it is not let in by ${name}`, async () =>
    assert.match((await ask()) ?? 'let in', says));
}
