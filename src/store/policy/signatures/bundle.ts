/**
 * A Sigstore bundle, as text: what is signed, by what kind of key, and the signature. Nothing that it says of itself is believed
 * before the signature is checked. https://docs.sigstore.dev/about/bundle/
 */
import * as z from 'zod';
import { err, ok, type Result } from '#base';
import { base64 } from './base64.ts';

/** What bounds a bundle. A statement of 100 000 files is 30 MB of text. */
const MOST_BYTES = 32 * 1024 ** 2;
const MOST_CERTIFICATES = 10;
const MOST_ENTRIES = 10;

export interface SignedBundle {
  readonly signed: Envelope | MessageSignature;
  readonly material: Material;
  /** All of it as it was read, for whoever checks logs and timestamps. */
  readonly json: unknown;
}

/** A text with its type: DSSE. https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md */
export interface Envelope {
  readonly kind: 'envelope';
  readonly type: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** Of bytes that are not in the bundle. */
export interface MessageSignature {
  readonly kind: 'message';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly digest: Buffer;
  readonly signature: Buffer;
}

/** By what it says it was signed. */
export type Material =
  | { readonly kind: 'key'; readonly hint: string | undefined }
  /** The signer's own first. */
  | { readonly kind: 'certificate'; readonly certificates: readonly Buffer[] };

const hashes = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' } as const;

const certificate = z.object({ rawBytes: base64 });

const shape = z.object({
  mediaType: z.string().regex(/^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d|\+json;version=0\.\d)/),
  verificationMaterial: z.object({
    publicKey: z.object({ hint: z.string().max(1000).nullish() }).optional(),
    certificate: certificate.optional(),
    x509CertificateChain: z
      .object({ certificates: z.array(certificate).min(1).max(MOST_CERTIFICATES) })
      .optional(),
    tlogEntries: z.array(z.unknown()).max(MOST_ENTRIES).nullish(),
    timestampVerificationData: z
      .object({ rfc3161Timestamps: z.array(z.unknown()).max(MOST_ENTRIES).nullish() })
      .nullish(),
  }),
  dsseEnvelope: z
    .object({
      payload: base64,
      payloadType: z.string().max(1000),
      signatures: z.array(z.object({ sig: base64 })).length(1),
    })
    .optional(),
  messageSignature: z
    .object({
      messageDigest: z.object({
        algorithm: z.enum(Object.keys(hashes) as (keyof typeof hashes)[]),
        digest: base64,
      }),
      signature: base64,
    })
    .optional(),
});

type Shape = z.output<typeof shape>;

/** Errors are sentences without a subject, which is the file. */
export function readBundle(bytes: Uint8Array): Result<SignedBundle, string> {
  if (bytes.byteLength > MOST_BYTES) return err(`is larger than ${MOST_BYTES / 1024 ** 2} MiB`);
  const json = parsed(bytes);
  const read = shape.safeParse(json);
  if (!read.success) return err(notOne(json, read.error.issues[0]?.path ?? []));
  const signed = signedOf(read.data);
  const material = materialOf(read.data);
  if (signed === undefined) return err('must have exactly one of dsseEnvelope and messageSignature');
  if (material === undefined) return err('must say by one key or certificate that it was signed by');
  return ok({ signed, material, json });
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Not JSON, not UTF-8, or nested without end: it is no bundle in any case, and the caller says so.
    return undefined;
  }
}

function notOne(json: unknown, path: readonly PropertyKey[]): string {
  if (typeof json === 'object' && json !== null && ('base64Signature' in json || 'rekorBundle' in json))
    return 'is a bundle of cosign before it wrote those of Sigstore; sign with --new-bundle-format';
  const where = path.length === 0 ? '' : ` (at ${path.map(String).join('.')})`;
  return `is no bundle of Sigstore${where}`;
}

function signedOf({
  dsseEnvelope: envelope,
  messageSignature: message,
}: Shape): SignedBundle['signed'] | undefined {
  const [first] = envelope?.signatures ?? [];
  if (envelope !== undefined && message === undefined && first !== undefined)
    return { kind: 'envelope', type: envelope.payloadType, payload: envelope.payload, signature: first.sig };
  if (message === undefined || envelope !== undefined) return undefined;
  const { algorithm, digest } = message.messageDigest;
  return { kind: 'message', hash: hashes[algorithm], digest, signature: message.signature };
}

function materialOf({ verificationMaterial: said }: Shape): Material | undefined {
  const { publicKey, certificate: one, x509CertificateChain: chain } = said;
  if ([publicKey, one, chain].filter(part => part !== undefined).length !== 1) return undefined;
  if (publicKey !== undefined) return { kind: 'key', hint: publicKey.hint ?? undefined };
  const certificates = one === undefined ? (chain?.certificates ?? []) : [one];
  return { kind: 'certificate', certificates: certificates.map(({ rawBytes }) => rawBytes) };
}
