/** Whether a certificate was issued by an authority that is trusted: X.509, as far as signing needs it. */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { err, ok, type Result } from '#base';

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** Certificates between a signer's own and an authority's. */
const MOST_BETWEEN = 5;

/**
 * The key of the signer's certificate, the first of them. Nobody vouches for when it was signed, so every certificate must be
 * valid now. Errors are sentences without a subject, which is the signature.
 */
export function certifiedKey(
  certificates: readonly Buffer[],
  authorities: readonly X509Certificate[],
  date: Date,
): Result<KeyObject, string> {
  const [own, ...between] = certificates.flatMap(read);
  if (own === undefined || between.length + 1 !== certificates.length)
    return err('has a certificate that cannot be read');
  const purpose = purposeProblem(own);
  if (purpose !== undefined) return err(purpose);
  const way = wayTo({ own, between: between.slice(0, MOST_BETWEEN), authorities });
  if (way === undefined)
    return err(`is by a certificate that no authority of the policy issued (${shown(own)})`);
  const late = way.find(one => !isValidAt(one, date));
  if (late !== undefined)
    return err(
      `is by a certificate that is valid from ${late.validFrom} to ${late.validTo} (${shown(late)})`,
    );
  return ok(own.publicKey);
}

function read(der: Buffer): X509Certificate[] {
  try {
    const one = new X509Certificate(der);
    // Read when it is asked for, and a key may be of a kind that is not known.
    return one.publicKey.type === 'public' ? [one] : [];
  } catch {
    // No certificate that anything can be done with; the caller counts them.
    return [];
  }
}

/** Those that say what they are for must be for this; Node reads extended usages only. */
function purposeProblem(own: X509Certificate): string | undefined {
  const usages = own.keyUsage as readonly string[] | undefined;
  if (own.ca) return 'is by the certificate of an authority, which signs certificates and no models';
  return usages === undefined || usages.includes(CODE_SIGNING)
    ? undefined
    : 'is by a certificate that is not for signing code';
}

interface Chain {
  readonly own: X509Certificate;
  readonly between: readonly X509Certificate[];
  readonly authorities: readonly X509Certificate[];
}

/** From the signer's certificate to an authority's, both with it; each is taken once, so that it ends. */
function wayTo({ own, between, authorities }: Chain): readonly X509Certificate[] | undefined {
  const authority = authorities.find(one => issued(one, own));
  if (authority !== undefined) return [own, authority];
  for (const next of between.filter(one => issued(one, own))) {
    const rest = wayTo({ own: next, between: between.filter(one => one !== next), authorities });
    if (rest !== undefined) return [own, ...rest];
  }
  return undefined;
}

function issued(issuer: X509Certificate, one: X509Certificate): boolean {
  return issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey);
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, date: Date): boolean {
  return validFromDate <= date && date <= validToDate;
}

/** Node has no subject where it is empty, as in certificates whose name is an alternative one. */
export function shown({ subject, subjectAltName }: X509Certificate): string {
  const name = (subject as string | undefined) ?? subjectAltName ?? 'without a name';
  return name.replaceAll('\n', ', ').slice(0, 200);
}
