import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import type { ModelFormat, SourcePlace } from '#spec';

/** A policy that was read, with the files that it names. */
export interface Rules {
  /** Whose it is, as messages name it: `spec.policy`, or the path of its file. */
  readonly name: string;
  readonly mustBePinned: boolean;
  readonly formats?: readonly ModelFormat[] | undefined;
  readonly sources?: readonly NamedPlace[] | undefined;
  readonly signer?: Signer | undefined;
}

export interface NamedPlace {
  /** As it was written. */
  readonly written: string;
  readonly place: SourcePlace;
}

/** Who must have signed a model. */
export type Signer = KeySigner | CertifiedSigner | KeylessSigner;

/** Any of these keys. */
export interface KeySigner {
  readonly kind: 'key';
  readonly keys: readonly TrustedKey[];
}

export interface TrustedKey {
  /** Where it was read. */
  readonly path: string;
  readonly key: KeyObject;
}

/** Whomever one of these certifies. */
export interface CertifiedSigner {
  readonly kind: 'certificate';
  readonly authorities: readonly X509Certificate[];
}

export interface KeylessSigner {
  readonly kind: 'keyless';
  readonly issuer: string;
  /** `*` stands for any characters but `/`, `**` for any. */
  readonly identity: string;
  /** What `trusted_root.json` holds, not yet looked at. */
  readonly trustRoot: unknown;
}

/** Another one for rules that let in something else, whoever's they are and wherever their keys lie. */
export function markOf({ mustBePinned, formats, sources, signer }: Rules): string {
  const places = sources?.map(({ place }) => [place.scheme, place.parts, place.endpoint]);
  const text = JSON.stringify([mustBePinned, formats, places, signer && saying(signer)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function saying(signer: Signer): unknown {
  if (signer.kind === 'key') return signer.keys.map(({ key }) => key.export({ type: 'spki', format: 'pem' }));
  if (signer.kind === 'certificate') return signer.authorities.map(({ fingerprint256 }) => fingerprint256);
  return signer;
}
