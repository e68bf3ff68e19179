import { hash } from 'node:crypto';
import type { JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { AppError, type Clock } from '#base';
import type { TokenVerifier } from '../guard.ts';
import type { KeySet } from '../key-set.ts';
import { scopeProblem, type TokenRules, tokenProblem } from '../token-rules.ts';
import type { KeySetSource } from './key-set-source.ts';

/** Tokens that are remembered as good. */
const MOST_KNOWN = 4096;

/** Faults that newer keys of the issuer may mend. */
const MENDED: readonly unknown[] = ['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'];

/**
 * Checks the signature and claims of tokens. One that was good is remembered until it expires, or the issuer's keys change:
 * a signature takes as long to check as a small prediction to answer.
 */
export class Tokens implements TokenVerifier {
  readonly #rules: TokenRules;
  readonly #source: KeySetSource;
  readonly #clock: Clock;
  /** By digest, until when: milliseconds since the epoch. */
  readonly #known = new Map<string, number>();
  /** The keys by which they were checked. */
  #by: KeySet | undefined;
  /** Finds the key that a token names; holds the keys as the library has them. */
  #finder: { readonly of: KeySet; readonly find: JWTVerifyGetKey } | undefined;

  constructor(rules: TokenRules, source: KeySetSource, clock: Clock) {
    this.#rules = rules;
    this.#source = source;
    this.#clock = clock;
  }

  verify(token: string): Promise<void> | undefined {
    const digest = hash('sha256', token, 'base64url');
    if (this.#by !== this.#source.latest) this.#known.clear();
    this.#by = this.#source.latest;
    const until = this.#known.get(digest) ?? 0;
    return this.#clock.date().getTime() < until ? undefined : this.#check(token, digest);
  }

  async #check(token: string, digest: string): Promise<void> {
    const set = this.#source.latest ?? (await this.#source.renew());
    try {
      await this.#verify(token, digest, set);
    } catch (thrown: unknown) {
      const newer = MENDED.includes(codeOf(thrown)) ? await this.#source.renew() : set;
      if (newer === set) throw refusal(thrown);
      await this.#verify(token, digest, newer).catch((again: unknown) => {
        throw refusal(again);
      });
    }
  }

  async #verify(token: string, digest: string, set: KeySet): Promise<void> {
    const { issuer, audience, algorithms, leewayMs, scope } = this.#rules;
    const options: JWTVerifyOptions = {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: leewayMs / 1000,
      currentDate: this.#clock.date(),
      requiredClaims: ['exp'],
    };
    const { jwtVerify, createLocalJWKSet } = await import('jose');
    if (this.#finder?.of !== set)
      this.#finder = { of: set, find: createLocalJWKSet({ keys: [...set.keys] }) };
    const { payload } = await jwtVerify(token, this.#finder.find, options);
    const problem = scopeProblem(payload, scope);
    if (problem !== undefined) throw problem;
    this.#remember(digest, set, (payload.exp ?? 0) * 1000 + leewayMs);
  }

  #remember(digest: string, set: KeySet, until: number): void {
    if (set !== this.#by) return;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(digest, until);
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

/** The library's errors hold what the token says, and go no further. */
function refusal(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const claim = thrown instanceof Error && 'claim' in thrown ? thrown.claim : undefined;
  return tokenProblem(codeOf(thrown), claim);
}
