/**
 * Models that the real tool of OpenSSF model signing signed, by keys and by certificates, are let in here, and no other is; and
 * what our tests sign, the tool lets in.
 *
 *   node scripts/run.mjs test/store/signing/run.ts [--may-skip]
 *
 * `--may-skip` makes it no failure that Python or the tool cannot be had.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { initializeCA } from '@sigstore/mock';
import { AppError, systemClock } from '#base';
import { parsePolicy, type SignaturePolicy } from '#spec';
import { digestOf } from '../../../src/store/manifest.ts';
import { isPart, isSignature } from '../../../src/store/parts.ts';
import { admissionOf } from '../../../src/store/policy/admission.ts';
import { signed } from '../../../src/store/policy/fixtures/signing.ts';
import { loadRules } from '../../../src/store/policy/io/load-rules.ts';
import type { Admissible } from '../../../src/store/store.ts';
import { codeOf, environment } from '../../differential/peers/python.ts';

const hashes: Readonly<Record<string, string>> = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' };

/** Of one signature. */
const MOST_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'fairlead-signing-'));
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const { program } = environment('model-signing', '../store/signing/requirements.txt');
  const tool = (...args: string[]): boolean => {
    const { status, stderr } = spawnSync(program, ['-m', 'model_signing', ...args], {
      encoding: 'utf8',
      timeout: MOST_MS,
    });
    if (status === null) throw new Error(`model_signing ${args.join(' ')} did not end: ${stderr}`);
    return status === 0;
  };
  for (const namedCurve of ['P-256', 'P-384', 'P-521']) await keys(tool, namedCurve);
  await file(tool);
  await certificates(tool);
  return 0;
}

type Tool = (...args: string[]) => boolean;

/** A folder signed by a key of a curve: let in as it is, and with no change. */
async function keys(tool: Tool, namedCurve: string): Promise<void> {
  const pair = written(generateKeyPairSync('ec', { namedCurve }));
  const other = written(generateKeyPairSync('ec', { namedCurve }));
  const model = newModel();
  const signature = join(model, 'model.sig');
  assert.ok(tool('sign', 'key', model, '--private_key', pair.secret, '--signature', signature));
  assert.equal(await problem(model, { key: pair.open }), undefined);
  assert.match((await problem(model, { key: other.open })) ?? '', /model\.sig is by another key/);
  const changes: readonly (() => void)[] = [
    () => writeFileSync(join(model, 'model.onnx'), 'a graPh'),
    () => writeFileSync(join(model, 'more.py'), 'import os'),
    () => rmSync(join(model, 'weights', 'a.data')),
    () =>
      writeFileSync(
        signature,
        readFileSync(signature, 'utf8').replace(/"payload": ?"..../, '"payload":"eyAg'),
      ),
  ];
  for (const change of changes) {
    const kept = { ...files(model), 'model.sig': readFileSync(signature, 'utf8') };
    change();
    const verify = ['verify', 'key', model, '--signature', signature, '--public_key', pair.open];
    assert.equal(tool(...verify), false, 'the tool lets a changed model in');
    assert.match((await problem(model, { key: pair.open })) ?? '', /^\S+ is not let in: model\.sig is/);
    rmSync(join(model, 'more.py'), { force: true });
    for (const [path, text] of Object.entries(kept)) writeFileSync(join(model, path), text);
  }
  assert.equal(await problem(model, { key: pair.open }), undefined);
  // What is signed here, the tool takes: what the tests sign is what it writes.
  writeFileSync(
    signature,
    JSON.stringify(
      signed(files(model), {
        privateKey: pair.privateKey,
        hash: hashes[namedCurve] ?? '',
        material: materialOf(pair.publicKey),
      }),
    ),
  );
  assert.ok(tool('verify', 'key', model, '--signature', signature, '--public_key', pair.open));
  say(
    `a folder by a key of ${namedCurve}: let in, with another key or ${changes.length} changes not; the tool agrees`,
  );
}

function materialOf(key: KeyObject): object {
  const pem = key.export({ type: 'spki', format: 'pem' });
  return { publicKey: { hint: createHash('sha256').update(pem).digest('hex') }, tlogEntries: [] };
}

/** One file, which the tool gives no name. */
async function file(tool: Tool): Promise<void> {
  const pair = written(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const model = join(newFolder(), 'model.onnx');
  writeFileSync(model, 'a graph');
  const signature = join(dirname(model), 'model.sig');
  assert.ok(tool('sign', 'key', model, '--private_key', pair.secret, '--signature', signature));
  assert.equal(await problem(dirname(model), { key: pair.open }), undefined);
  writeFileSync(model, 'another graph');
  assert.match(
    (await problem(dirname(model), { key: pair.open })) ?? '',
    /'model\.onnx' is not what was signed/,
  );
  say('one file by a key: let in, and changed not');
}

/** A folder signed by whom an authority certified. */
async function certificates(tool: Tool): Promise<void> {
  const pair = written(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const [house, other] = [await authority(), await authority()];
  const certificate = join(newFolder(), 'own.pem');
  writeFileSync(certificate, await house.certify(pair.publicKey));
  const model = newModel();
  const signature = join(model, 'model.sig');
  const by = ['--private_key', pair.secret, '--signing_certificate', certificate];
  assert.ok(
    tool('sign', 'certificate', model, ...by, '--certificate_chain', house.path, '--signature', signature),
  );
  assert.equal(await problem(model, { certificate: { authority: house.path } }), undefined);
  assert.match(
    (await problem(model, { certificate: { authority: other.path } })) ?? '',
    /by a certificate that no authority of the policy issued/,
  );
  // It is a signature by that key as well, whoever certified it.
  assert.equal(await problem(model, { key: pair.open }), undefined);
  writeFileSync(join(model, 'model.onnx'), 'another graph');
  assert.match(
    (await problem(model, { certificate: { authority: house.path } })) ?? '',
    /'model\.onnx' is not what was signed/,
  );
  say('a folder by a certificate: let in, with another authority or changed not');
}

async function authority() {
  const issuer = await initializeCA(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const path = join(newFolder(), 'authority.pem');
  writeFileSync(path, pemOf(issuer.rootCertificate));
  return {
    path,
    certify: async (key: KeyObject): Promise<string> => {
      const publicKey = key.export({ type: 'spki', format: 'der' });
      return pemOf(await issuer.issueCertificate({ publicKey, subjectAltName: 'https://a.example' }));
    },
  };
}

function pemOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const lines =
    Buffer.from(buffer, byteOffset, byteLength)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function newFolder(): string {
  return mkdtempSync(join(folder, 'at-'));
}

function newModel(): string {
  const path = newFolder();
  mkdirSync(join(path, 'weights'));
  writeFileSync(join(path, 'model.onnx'), 'a graph');
  writeFileSync(join(path, 'weights', 'a.data'), 'weights');
  writeFileSync(join(path, '.hidden'), 'signed, and no part of a model');
  return path;
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function written({ publicKey, privateKey }: Pair): Pair & { readonly open: string; readonly secret: string } {
  const at = newFolder();
  const [open, secret] = [join(at, 'key.pub'), join(at, 'key.pem')];
  writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { publicKey, privateKey, open, secret };
}

/** All files but signatures, by path. */
function files(model: string): Record<string, string> {
  const paths = readdirSync(model, { recursive: true, encoding: 'utf8' }).filter(path =>
    statSync(join(model, path)).isFile(),
  );
  return Object.fromEntries(
    paths.filter(path => !isSignature(path)).map(path => [path, readFileSync(join(model, path), 'utf8')]),
  );
}

/** Why it is not let in by a policy; undefined where it is. */
async function problem(model: string, signature: SignaturePolicy): Promise<string | undefined> {
  const policy = parsePolicy(JSON.stringify({ signature }));
  assert.ok(policy.ok, JSON.stringify(policy));
  const rules = await loadRules({ policy: policy.value, name: 'the policy', base: folder });
  const admission = admissionOf([rules], { clock: systemClock });
  try {
    await admission.beforeHolding({ uri: model, base: '/' }, artifactAt(model));
    return undefined;
  } catch (error: unknown) {
    assert.ok(error instanceof AppError && error.code === 'signature_invalid', String(error));
    return error.message;
  }
}

/** As the store hands it over. */
function artifactAt(model: string): Admissible {
  const parts = Object.entries(files(model)).filter(([path]) => isPart(path));
  const manifest = {
    files: parts
      .map(([path, text]) => ({
        path,
        size: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
  return {
    manifest,
    digest: digestOf(manifest),
    signatures: async () => [{ path: 'model.sig', bytes: readFileSync(join(model, 'model.sig')) }],
    read: path => createReadStream(join(model, path)),
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
