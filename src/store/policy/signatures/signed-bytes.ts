/** The bytes that a signature is over, and whether a key made it. */
import { createHash, createVerify, type KeyObject, type Verify, verify } from 'node:crypto';
import { err, ok, type Result } from '#base';
import type { Manifest } from '../../manifest.ts';
import type { Admissible } from '../../store.ts';
import type { Envelope, MessageSignature } from './bundle.ts';

export interface SignedBytes {
  /** Whether this key made the signature. May be asked as often as `times` said. */
  isBy(key: KeyObject): boolean;
}

/** What `key` would have signed of a text with its type: https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md */
export function envelopeBytes({ type, payload, signature }: Envelope): SignedBytes {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `;
  const bytes = Buffer.concat([Buffer.from(head), payload]);
  return { isBy: key => hashesOf(key).some(hash => verifies(hash, bytes, { key, signature })) };
}

/**
 * Keys that may sign, and with which hashes: the signature does not choose. Of an elliptic curve it is the hash of its size, or
 * SHA-256, which some tools take for all; a key of any other kind made nothing that is believed.
 */
export function hashesOf(key: KeyObject): readonly (string | null)[] {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? [];
    case 'rsa':
      return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA ? ['sha256', 'sha512'] : [];
    case 'ed25519':
      return [null];
    default:
      return [];
  }
}

const LEAST_RSA = 2048;

const curves: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['sha256'],
  secp384r1: ['sha384', 'sha256'],
  secp521r1: ['sha512', 'sha256'],
};

interface By {
  readonly key: KeyObject;
  readonly signature: Buffer;
}

function verifies(hash: string | null, bytes: Buffer, { key, signature }: By): boolean {
  try {
    return verify(hash, bytes, key, signature);
  } catch {
    // OpenSSL throws for some signatures that are none of the key's kind; they are not by it.
    return false;
  }
}

/**
 * Of a model that is one file, its bytes are signed, which are read once more; of several, the text that their digest is over.
 * Errors are sentences without a subject, which is the signature.
 */
export async function messageBytes(
  message: MessageSignature,
  { manifest, read }: Pick<Admissible, 'manifest' | 'read'>,
  times: number,
): Promise<Result<SignedBytes, string>> {
  const [file, second] = manifest.files;
  if (file === undefined) return err('is over nothing');
  if (second === undefined)
    return fileBytes(message, { sha256: file.sha256, chunks: () => read(file.path) }, times);
  const text = listed(manifest);
  const found = createHash(message.hash).update(text).digest();
  return found.equals(message.digest)
    ? ok(textBytes(message, text))
    : err(overOthers(message, found.toString('hex')));
}

function overOthers({ hash, digest }: MessageSignature, found: string): string {
  return `is over other bytes: their digest is ${hash}:${digest.toString('hex')}, and ${hash}:${found} is here`;
}

/** The text whose digest is that of a model with several files; see `digestOf`. */
function listed({ files }: Manifest): Buffer {
  return Buffer.from(JSON.stringify(files.map(({ path, size, sha256 }) => [path, size, sha256])));
}

function textBytes({ hash, signature }: MessageSignature, text: Buffer): SignedBytes {
  return {
    isBy: key => {
      const allowed = hashesOf(key);
      const used = allowed.includes(null) ? null : hash;
      return allowed.includes(used) && verifies(used, text, { key, signature });
    },
  };
}

interface FileBytes {
  readonly sha256: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

async function fileBytes(
  message: MessageSignature,
  { sha256, chunks }: FileBytes,
  times: number,
): Promise<Result<SignedBytes, string>> {
  const { hash, digest, signature } = message;
  // Told by what is known already, before gigabytes are read.
  if (hash === 'sha256' && digest.toString('hex') !== sha256) return err(overOthers(message, sha256));
  const [asKnown, asSigned] = [createHash('sha256'), createHash(hash)];
  const verifiers: Verify[] = Array.from({ length: times }, () => createVerify(hash));
  for await (const chunk of chunks()) for (const one of [asKnown, asSigned, ...verifiers]) one.update(chunk);
  if (asKnown.digest('hex') !== sha256)
    return err('cannot be checked: the file was changed while it was read');
  const found = asSigned.digest();
  if (!found.equals(digest)) return err(overOthers(message, found.toString('hex')));
  return ok({
    isBy: key => {
      const verifier = verifiers.pop();
      // Ed25519 signs a message whole, which a file of any size is not held for.
      if (verifier === undefined || !hashesOf(key).includes(hash)) return false;
      return verifiedBy(verifier, { key, signature });
    },
  });
}

function verifiedBy(verifier: Verify, { key, signature }: By): boolean {
  try {
    return verifier.verify(key, signature);
  } catch {
    // As in `verifies`.
    return false;
  }
}
