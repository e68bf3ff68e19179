import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '#base';
import type { Policy } from '#spec';
import { loadRules } from './load-rules.ts';

const base = await mkdtemp(join(tmpdir(), 'fairlead-policy-'));
after(() => rm(base, { recursive: true, force: true }));

const load = (policy: Policy) => loadRules({ policy, name: 'spec.policy', base });

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(base, name), text);
  return `./${name}`;
}

const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a policy is read with the files that it names, which lie beside its own', async () => {
  const key = await file('a.pub', pem(pair.publicKey));
  const rules = await load({
    digest: 'required',
    formats: ['onnx'],
    sources: ['s3://b/m/'],
    signature: { key },
  });
  assert.ok(rules.signer?.kind === 'key');
  assert.deepEqual(
    rules.signer.keys.map(one => [one.path, one.key.equals(pair.publicKey)]),
    [[join(base, 'a.pub'), true]],
  );
  assert.deepEqual(rules.sources, [
    { written: 's3://b/m/', place: { scheme: 's3', parts: ['b', 'm'], endpoint: undefined } },
  ]);
  assert.deepEqual([rules.mustBePinned, rules.formats], [true, ['onnx']]);
  const open = await load({ sources: ['file'] });
  assert.deepEqual([open.mustBePinned, open.signer, open.formats], [false, undefined, undefined]);
});

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const exchange = generateKeyPairSync('x25519');

const refused: readonly { name: string; text: string; says: RegExp }[] = [
  {
    name: 'a private key',
    text: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    says: /k\.pub cannot be read: it holds a private key, which belongs to whoever signs/,
  },
  { name: 'no key', text: 'hello', says: /it holds no public key in PEM$/ },
  {
    name: 'a broken key',
    text: '-----BEGIN PUBLIC KEY-----\naaaa\n-----END PUBLIC KEY-----',
    says: /k\.pub cannot be read/,
  },
  { name: 'a weak key', text: pem(weak.publicKey), says: /a key that is not taken: rsa 1024; P-256/ },
  { name: 'a key of another curve', text: pem(curve.publicKey), says: /not taken: ec secp256k1/ },
  { name: 'a key that signs nothing', text: pem(exchange.publicKey), says: /not taken: x25519/ },
  { name: 'more than a key', text: 'a'.repeat(5 * 1024 ** 2), says: /larger than 4 MiB$/ },
];

for (const { name, text, says } of refused) {
  test(`no key is ${name}`, async () => {
    const key = await file('k.pub', text);
    await assert.rejects(load({ signature: { key } }), error => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'file_unreadable');
      assert.match(error.message, says);
      return true;
    });
  });
}

test('a file that is not there is named', async () => {
  await assert.rejects(load({ signature: { key: ['./none.pub'] } }), {
    code: 'file_missing',
    message: `${join(base, 'none.pub')}: the policy is not there`,
  });
});

test('what is no authority and what is no trusted root is refused', async () => {
  const path = await file('none.pem', 'hello');
  await assert.rejects(
    load({ signature: { certificate: { authority: path } } }),
    /it holds 0 certificates in PEM/,
  );
  const keyless = { issuer: 'i', identity: 'a', trustRoot: path };
  await assert.rejects(load({ signature: { keyless } }), /none\.pem cannot be read/);
  const other = await file('other.json', '{}');
  await assert.rejects(
    load({ signature: { keyless: { ...keyless, trustRoot: other } } }),
    /it is no trusted_root\.json/,
  );
});
