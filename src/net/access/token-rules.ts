import { type AppError, failure } from '#base';

/** Which tokens of which issuer are good. */
export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer's public keys are: an address, or a path of a file. */
  readonly jwks: string;
  /** How tokens may be signed; only with a private key, never with a secret that both sides know. */
  readonly algorithms: readonly string[];
  /** Words, with spaces between, all of which a token must have. */
  readonly scope?: string | undefined;
  /** By so many milliseconds the clocks of issuer and server may differ. */
  readonly leewayMs: number;
}

/** What is wrong with a token that has not all of a scope. Issuers write it as a text or as a list. */
export function scopeProblem(
  claims: Readonly<Record<string, unknown>>,
  scope: string | undefined,
): AppError | undefined {
  if (scope === undefined) return undefined;
  const given = [claims['scope'], claims['scp']].flatMap(wordsOf);
  if (scope.split(' ').every(word => given.includes(word))) return undefined;
  return failure('access_denied', { problem: `the token lacks the scope '${scope}'`, scope });
}

function wordsOf(claim: unknown): unknown[] {
  if (Array.isArray(claim)) return claim;
  return typeof claim === 'string' ? claim.split(' ') : [];
}

/** What is wrong with a token, in words of ours: a library's may quote it. */
export function tokenProblem(code: unknown, claim: unknown): AppError {
  if (code === 'ERR_JWT_EXPIRED') return failure('credentials_expired', { what: 'token' });
  const claims: Readonly<Record<string, string>> = {
    iss: 'the token is of another issuer',
    aud: 'the token is for another audience',
    nbf: 'the token is not good yet',
    exp: 'the token does not say when it expires',
  };
  const problems: Readonly<Record<string, string>> = {
    ERR_JWT_CLAIM_VALIDATION_FAILED: claims[String(claim)] ?? 'a claim of the token is not as it must be',
    ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token's signature is wrong",
    ERR_JOSE_ALG_NOT_ALLOWED: "the token's algorithm is not allowed",
    ERR_JWKS_NO_MATCHING_KEY: 'the issuer has no key that signed the token',
    ERR_JWKS_MULTIPLE_MATCHING_KEYS: "the token does not say which of the issuer's keys signed it",
  };
  return failure('credentials_invalid', { problem: problems[String(code)] ?? 'this is no valid token' });
}
