import { AppError, type Clock, failure, type Logger } from '#base';
import { type Credential, credentialOf, type Header, looksLikeToken } from './credential.ts';
import type { Permission } from './endpoints.ts';
import { digestOf, type Key, type KeyList } from './key-list.ts';
import { FREE, type Limiter, type Pass } from './limiter.ts';
import type { Refusals } from './refusals.ts';

/** What a request asks, before its body is looked at. */
export interface Asked {
  /** Undefined for what is open to all. */
  readonly needs: Permission | undefined;
  readonly header: Header;
}

/** Decides who may come in. */
export interface Guard {
  readonly refusals: Refusals;
  /**
   * Lets a request in, at once where that can be told at once; the pass is to be left when the request is over. Throws, or
   * rejects with, an error of the catalogue that says nothing of the credential.
   */
  enter(asked: Asked): Pass | Promise<Pass>;
}

/** Checks tokens of an issuer. */
export interface TokenVerifier {
  /** Nothing where a token is known to be good; else a promise, which rejects where it is not. */
  verify(token: string): Promise<void> | undefined;
}

/** Whose credentials are good for a permission. */
export interface Authority {
  /** The keys that are good now. */
  readonly keys?: (() => KeyList) | undefined;
  readonly tokens?: TokenVerifier | undefined;
}

export interface AccessPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly refusals: Refusals;
  readonly limiter: Limiter;
}

/** Lets in who shows a key or a token that is good for what is asked, and keeps keys within their limits. */
export class AccessGuard implements Guard {
  readonly #rules: Readonly<Partial<Record<Permission, Authority>>>;
  readonly #ports: AccessPorts;

  /** Without a rule, predictions are open to all, and administration is closed to all. */
  constructor(rules: Readonly<Partial<Record<Permission, Authority>>>, ports: AccessPorts) {
    this.#rules = rules;
    this.#ports = ports;
  }

  get refusals(): Refusals {
    return this.#ports.refusals;
  }

  enter({ needs, header }: Asked): Pass | Promise<Pass> {
    if (needs === undefined) return FREE;
    const rule = this.#rules[needs];
    if (rule === undefined && needs === 'predict') return FREE;
    if (rule === undefined) throw this.#refused(closed());
    const credential = credentialOf(header);
    if (credential === undefined) throw this.#refused(failure('credentials_missing', {}));
    if (credential === 'unreadable') throw this.#refused(invalid('the header holds no key and no token'));
    return this.#check(credential, rule, needs);
  }

  /** The same work for every key that is not known. */
  #check(credential: Credential, rule: Authority, needs: Permission): Pass | Promise<Pass> {
    const digest = digestOf(credential.text);
    const key = rule.keys?.().find(digest);
    const other = this.#rules[needs === 'admin' ? 'predict' : 'admin']?.keys?.().find(digest);
    if (key !== undefined) return this.#enterBy(key, digest, rule);
    if (other !== undefined && !this.#isOver(other)) throw this.#refused(denied(needs), other);
    const { tokens } = rule;
    if (tokens !== undefined && credential.isBearer && looksLikeToken(credential.text))
      return this.#enterWith(tokens, credential.text);
    throw this.#refused(invalid(rule.keys === undefined ? 'this is no token' : 'the key is not known'));
  }

  /** A key that is gone or over by the time of a further message is good for that no more. */
  #enterBy(first: Key, digest: Buffer, rule: Authority): Pass {
    const { limiter, clock } = this.#ports;
    const good = (key: Key | undefined): Key => {
      if (key === undefined) throw invalid('the key is not known');
      if (this.#isOver(key)) throw failure('credentials_expired', { what: 'API key' });
      return key;
    };
    const pass = this.#counted(first, () => limiter.enter(good(first), () => clock.now()));
    const again = (): void => {
      good(rule.keys?.().find(digest));
      pass.again();
    };
    return { leave: () => pass.leave(), again: () => this.#counted(first, again) };
  }

  #counted<T>(key: Key, work: () => T): T {
    try {
      return work();
    } catch (error: unknown) {
      throw this.#refused(error, key);
    }
  }

  #enterWith(tokens: TokenVerifier, token: string): Pass | Promise<Pass> {
    const pass = this.#passOf(tokens, token);
    const verified = tokens.verify(token);
    if (verified === undefined) return pass;
    return verified.then(
      () => pass,
      (error: unknown) => {
        throw this.#refused(error);
      },
    );
  }

  /** What a token is worth by the time of a further message may only be known when that is answered: the next one pays. */
  #passOf(tokens: TokenVerifier, token: string): Pass {
    let problem: unknown;
    const again = (): void => {
      if (problem !== undefined) throw this.#refused(problem);
      tokens.verify(token)?.catch((error: unknown) => {
        problem = error;
      });
    };
    return { again, leave: () => undefined };
  }

  #isOver({ expires }: Key): boolean {
    return expires !== undefined && this.#ports.clock.date().getTime() >= expires;
  }

  /** Counts a refusal, and tells whose key it was. */
  #refused(thrown: unknown, key?: Key): unknown {
    if (!(thrown instanceof AppError)) return thrown;
    const { refusals, logger } = this.#ports;
    refusals.count(thrown.code);
    if (logger.enabled('debug'))
      logger.log('debug', 'request refused', { code: thrown.code, error: thrown.message, key: key?.name });
    return thrown;
  }
}

function invalid(problem: string): AppError {
  return failure('credentials_invalid', { problem });
}

function closed(): AppError {
  const problem = 'this is for administrators, and auth.admin names none';
  return failure('access_denied', { problem });
}

function denied(needs: Permission): AppError {
  const problem =
    needs === 'admin' ? 'the key is not one of an administrator' : 'the key is not one for predictions';
  return failure('access_denied', { problem });
}
