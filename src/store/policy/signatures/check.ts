/** Whether a model is signed by whom it must be: each of its files, by one of the signatures beside it. */
import { createHash, type KeyObject } from 'node:crypto';
import { err, ok, type Result, unreachable } from '#base';
import { isAsked } from '../../globs.ts';
import { folderOf, type ManifestFile } from '../../manifest.ts';
import type { Admissible, Signature, Wanted } from '../../store.ts';
import type { KeySigner, Signer } from '../rules.ts';
import { readBundle, type SignedBundle } from './bundle.ts';
import { certifiedKey } from './certified.ts';
import { difference } from './coverage.ts';
import { envelopeBytes, messageBytes, type SignedBytes } from './signed-bytes.ts';
import { readStatement } from './statement.ts';

const MOST_SIGNATURES = 20;

export interface Checking {
  readonly artifact: Admissible;
  readonly wanted: Wanted;
  readonly signer: Signer;
  /** Now. */
  readonly date: Date;
}

/** Why a model is not signed as it must be, as a sentence; undefined where it is. */
export async function signatureProblem(checking: Checking): Promise<string | undefined> {
  const signatures = await checking.artifact.signatures();
  if (signatures.length === 0)
    return 'it must be signed, and no signature lies beside it: a model.sig, or a *.sigstore.json';
  if (signatures.length > MOST_SIGNATURES) return `more than ${MOST_SIGNATURES} signatures lie beside it`;
  const problems: string[] = [];
  const covered = new Set<string>();
  for (const signature of signatures) {
    const checked = await coveredBy(signature, checking);
    if (checked.ok) for (const path of checked.value) covered.add(path);
    else problems.push(`${signature.path} ${checked.error}`);
  }
  const bare = checking.artifact.manifest.files.find(({ path }) => !covered.has(path));
  if (bare === undefined) return undefined;
  return problems.length === 0 ? `'${bare.path}' is not signed` : problems.join('; ');
}

/** The files that a signature vouches for: those of its folder, all of them. */
async function coveredBy(
  signature: Signature,
  checking: Checking,
): Promise<Result<readonly string[], string>> {
  const bundle = readBundle(signature.bytes);
  if (!bundle.ok) return bundle;
  const within = folderName(signature.path);
  const files = filesIn(checking.artifact, within);
  if (files.length === 0) return err('lies beside no file of the model');
  const problem = await bundleProblem(bundle.value, { ...checking, within, files });
  return problem === undefined ? ok(files.map(({ path }) => `${within}${path}`)) : err(problem);
}

/** With a `/` behind it; empty for the artifact itself. */
function folderName(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Their paths begin in that folder. */
function filesIn({ manifest }: Admissible, within: string): readonly ManifestFile[] {
  return within === '' ? manifest.files : (folderOf(manifest, within.slice(0, -1))?.files ?? []);
}

interface Folder extends Checking {
  readonly within: string;
  readonly files: readonly ManifestFile[];
}

async function bundleProblem(bundle: SignedBundle, folder: Folder): Promise<string | undefined> {
  const { signed } = bundle;
  const bytes = await bytesOf(bundle, folder);
  if (!bytes.ok) return bytes.error;
  const problem = await signerProblem(bundle, bytes.value, folder);
  if (problem !== undefined || signed.kind === 'message') return problem;
  // Only now is anything believed that it says.
  const statement = readStatement(signed.type, signed.payload);
  if (!statement.ok) return statement.error;
  const { within, files, wanted } = folder;
  const isWanted = isAsked(wanted);
  const differs = difference(files, statement.value, path => isWanted(`${within}${path}`));
  return differs === undefined ? undefined : `is of another model: ${differs}`;
}

async function bytesOf({ signed }: SignedBundle, folder: Folder): Promise<Result<SignedBytes, string>> {
  if (signed.kind === 'envelope') return ok(envelopeBytes(signed));
  const { artifact, within, files, signer } = folder;
  const read = (path: string): AsyncIterable<Uint8Array> => artifact.read(`${within}${path}`);
  return messageBytes(signed, { manifest: { files }, read }, signer.kind === 'key' ? signer.keys.length : 1);
}

async function signerProblem(
  bundle: SignedBundle,
  bytes: SignedBytes,
  { signer, date }: Checking,
): Promise<string | undefined> {
  const { material } = bundle;
  switch (signer.kind) {
    case 'key':
      return keyProblem(bundle, bytes, signer);
    case 'certificate': {
      if (material.kind === 'key') return 'is by a key, and must be by a certificate';
      const key = certifiedKey(material.certificates, signer.authorities, date);
      if (!key.ok) return key.error;
      return bytes.isBy(key.value) ? undefined : 'is not by the key of its certificate, or over other bytes';
    }
    case 'keyless': {
      if (material.kind === 'key') return 'is by a key, and must be by a certificate of Sigstore';
      const { keylessProblem } = await import('./keyless.ts');
      return keylessProblem(bundle, bytes, signer);
    }
    default:
      return unreachable(signer);
  }
}

function keyProblem({ material }: SignedBundle, bytes: SignedBytes, { keys }: KeySigner): string | undefined {
  if (keys.some(({ key }) => bytes.isBy(key))) return undefined;
  const named = keys.map(({ path }) => path).join(', ');
  if (material.kind === 'certificate') return `is by a certificate, and must be by ${named}`;
  return material.hint === undefined || keys.some(({ key }) => hintOf(key) === material.hint)
    ? `is not by ${named}, or over other bytes`
    : `is by another key than ${named}`;
}

/** As model signing names a key: the SHA-256 of its PEM. */
function hintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
}
