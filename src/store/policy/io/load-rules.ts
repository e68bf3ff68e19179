import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { failure, messageOf } from '#base';
import { type Policy, readSource, type SignaturePolicy } from '#spec';
import type { CertifiedSigner, NamedPlace, Rules, Signer, TrustedKey } from '../rules.ts';
import { shown } from '../signatures/certified.ts';
import { hashesOf } from '../signatures/signed-bytes.ts';

/** A trusted root is a few kilobytes, and so are the authorities of a large house. */
const MOST_BYTES = 4 * 1024 ** 2;
const MOST_AUTHORITIES = 200;

export interface PolicyFile {
  readonly policy: Policy;
  /** Whose it is, as messages name it: `spec.policy`, or the path of its file. */
  readonly name: string;
  /** Where relative paths in it start. */
  readonly base: string;
}

/** Reads the files that a policy names. Throws `file_missing` or `file_unreadable`, also for what is no key. */
export async function loadRules({ policy, name, base }: PolicyFile): Promise<Rules> {
  const { digest, formats, sources, signature } = policy;
  return {
    name,
    mustBePinned: digest === 'required',
    formats,
    sources: sources?.map(placed),
    signer: signature && (await signerOf(signature, base)),
  };
}

/** The schema has checked it. */
function placed(written: string): NamedPlace {
  const place = readSource(written);
  if (!place.ok) throw new Error(`the schema let through the source '${written}': it ${place.error}`);
  return { written, place: place.value };
}

async function signerOf({ key, certificate, keyless }: SignaturePolicy, base: string): Promise<Signer> {
  if (keyless !== undefined) {
    const { trustRoot, ...who } = keyless;
    return { kind: 'keyless', ...who, trustRoot: await trustRootAt(resolve(base, trustRoot)) };
  }
  if (certificate !== undefined) return authoritiesAt(resolve(base, certificate.authority));
  const paths = typeof key === 'string' ? [key] : (key ?? []);
  return { kind: 'key', keys: await Promise.all(paths.map(path => keyAt(resolve(base, path)))) };
}

async function keyAt(path: string): Promise<TrustedKey> {
  const text = await textAt(path);
  // Node would make the public key of either, and nobody would notice that the private one lies about on servers.
  if (text.includes('PRIVATE KEY'))
    throw unusable(path, 'it holds a private key, which belongs to whoever signs; put the public one here');
  if (!/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(text))
    throw unusable(path, 'it holds no public key in PEM');
  const key = read(path, () => createPublicKey(text));
  if (hashesOf(key).length === 0) throw unusable(path, `it holds a key that is not taken: ${kindOf(key)}`);
  return { path, key };
}

function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  return `${type} ${details?.namedCurve ?? details?.modulusLength ?? ''}; P-256, P-384, P-521, Ed25519 and RSA from 2048 bits are`;
}

async function authoritiesAt(path: string): Promise<CertifiedSigner> {
  const blocks =
    (await textAt(path)).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > MOST_AUTHORITIES)
    throw unusable(
      path,
      `it holds ${blocks.length} certificates in PEM, and must hold 1 to ${MOST_AUTHORITIES}`,
    );
  const authorities = blocks.map(block => read(path, () => new X509Certificate(block)));
  const other = authorities.find(({ ca }) => !ca);
  if (other === undefined) return { kind: 'certificate', authorities };
  throw unusable(path, `it holds a certificate that is none of an authority: ${shown(other)}`);
}

async function trustRootAt(path: string): Promise<unknown> {
  const text = await textAt(path);
  const root: unknown = read(path, () => JSON.parse(text));
  if (typeof root === 'object' && root !== null && 'certificateAuthorities' in root) return root;
  throw unusable(path, 'it is no trusted_root.json of Sigstore');
}

function read<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error: unknown) {
    throw unusable(path, messageOf(error), error);
  }
}

/** The text of a file that may be no file at all, and no larger than it should be. */
async function textAt(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MOST_BYTES + 1) });
      if (bytesRead > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES / 1024 ** 2} MiB`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error: unknown) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) throw failure('file_missing', { path, purpose: 'the policy' }, error);
    throw unusable(path, messageOf(error), error);
  }
}

function unusable(path: string, problem: string, cause?: unknown): Error {
  return failure('file_unreadable', { path, problem }, cause);
}
