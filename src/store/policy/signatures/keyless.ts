/**
 * Signed through Sigstore: a certificate of minutes names the signer, a log or a timestamp says when, and a trusted root says whose
 * word counts. The library checks these; what is signed is checked here.
 */
import type { KeyObject } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { PolicyError, toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import type { KeylessSigner } from '../rules.ts';
import type { SignedBundle } from './bundle.ts';
import type { SignedBytes } from './signed-bytes.ts';

/** What is wrong, as a sentence without a subject, which is the signature. */
export function keylessProblem(
  bundle: SignedBundle,
  bytes: SignedBytes,
  signer: KeylessSigner,
): string | undefined {
  try {
    const root = TrustedRoot.fromJSON(signer.trustRoot);
    const { tlogs, ctlogs } = root;
    // A Sigstore of one's own may have no logs; that of a root that names some is held to them. When it was signed, somebody must say.
    const verifier = new Verifier(toTrustMaterial(root), {
      tlogThreshold: Math.min(tlogs.length, 1),
      ctlogThreshold: Math.min(ctlogs.length, 1),
      timestampThreshold: 1,
    });
    const { identity } = verifier.verify(entityOf(bundle, bytes));
    return identityProblem(identity?.subjectAlternativeName, identity?.extensions?.issuer, signer);
  } catch (error: unknown) {
    return sentence(error);
  }
}

/** The library would want a whole model in memory; whether a key made the signature is asked of `bytes` instead. */
function entityOf({ json, signed }: SignedBundle, bytes: SignedBytes): ReturnType<typeof toSignedEntity> {
  const entity = toSignedEntity(bundleFromJSON(json), Buffer.alloc(0));
  const whole = entity.signature;
  return {
    ...entity,
    signature: {
      signature: signed.signature,
      compareSignature: other => whole.compareSignature(other),
      compareDigest: other => whole.compareDigest(other),
      compareSignedDigest: other => whole.compareSignedDigest(other),
      verifySignature: (key: KeyObject) => bytes.isBy(key),
    },
  };
}

function identityProblem(
  name: string | undefined,
  issuer: string | undefined,
  wanted: KeylessSigner,
): string | undefined {
  if (issuer !== wanted.issuer)
    return `is vouched for by ${issuer ?? 'nobody'}, and ${wanted.issuer} must do so`;
  return name !== undefined && isLike(name, wanted.identity)
    ? undefined
    : `is by ${name ?? 'nobody'}, and must be by ${wanted.identity}`;
}

/** Whether a pattern is like all of a text. A pattern may be anybody's, so it is no regular expression. */
export function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .split(/(\*{1,2})/)
    .map(part => (part === '**' ? '.*' : part === '*' ? '[^/]*' : literal(part)))
    .join('');
  return new RegExp(`^(?:${source})$`, 's').test(text);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

const sentences: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: 'is by a certificate that the trusted root does not vouch for',
  TIMESTAMP_ERROR: 'has no timestamp that the trusted root vouches for',
  PUBLIC_KEY_ERROR: 'is by a key and not by a certificate, as keyless signing is',
  SIGNATURE_ERROR: 'is not by the key of its certificate, or over other bytes',
};

function sentence(error: unknown): string {
  if (!(error instanceof VerificationError || error instanceof PolicyError))
    return `cannot be checked: ${error instanceof Error ? error.message.slice(0, 200) : 'it is broken'}`;
  const known = sentences[error.code] ?? 'is not in a log that the trusted root vouches for';
  return `${known} (${error.message.slice(0, 200)})`;
}
