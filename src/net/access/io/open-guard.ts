import { type Clock, failure, type Logger, type Result } from '#base';
import type { Permission } from '../endpoints.ts';
import { AccessGuard, type Authority, type Guard } from '../guard.ts';
import { type Key, KeyList } from '../key-list.ts';
import { Limiter } from '../limiter.ts';
import type { Refusals } from '../refusals.ts';
import type { TokenRules } from '../token-rules.ts';
import { FollowedFile } from './followed-file.ts';
import { openKeySet } from './key-set-source.ts';
import { Tokens } from './tokens.ts';

/** Which credentials are good, and where they are. */
export interface CredentialRules {
  readonly keys?: { readonly file: string } | undefined;
  readonly jwt?: TokenRules | undefined;
}

export type AccessRules = Readonly<Partial<Record<Permission, CredentialRules | undefined>>>;

export interface GuardPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly refusals: Refusals;
  /** The keys of a file's text, or what is wrong with it. */
  readonly readKeys: (text: string) => Result<readonly Key[], readonly string[]>;
}

/** A guard that keeps up with its files until it is closed. */
export interface OpenGuard extends Guard {
  close(): void;
}

/** Reads the files of keys, and follows them. Throws `file_unreadable` or `keys_invalid`; then nothing is open. */
export function openGuard(rules: AccessRules, ports: GuardPorts): OpenGuard {
  const sources = new Sources(ports);
  try {
    const guard = new AccessGuard(sources.authorities(rules), { ...ports, limiter: sources.limiter });
    return {
      refusals: guard.refusals,
      enter: asked => guard.enter(asked),
      close: () => sources.close(),
    };
  } catch (error: unknown) {
    sources.close();
    throw error;
  }
}

/** What a guard reads, each file once. */
class Sources {
  readonly limiter = new Limiter();
  readonly #ports: GuardPorts;
  readonly #files = new Map<string, FollowedFile<KeyList>>();
  readonly #open: { close(): void }[] = [];

  constructor(ports: GuardPorts) {
    this.#ports = ports;
  }

  authorities({ predict, admin }: AccessRules): Partial<Record<Permission, Authority>> {
    return {
      ...(predict && { predict: this.#authority(predict) }),
      ...(admin && { admin: this.#authority(admin) }),
    };
  }

  close(): void {
    for (const one of this.#open) one.close();
  }

  #authority({ keys, jwt }: CredentialRules): Authority {
    const file = keys && this.#file(keys.file);
    return { keys: file && (() => file.value), tokens: jwt && this.#tokens(jwt) };
  }

  #file(path: string): FollowedFile<KeyList> {
    const { logger, readKeys } = this.#ports;
    const read = (text: string): KeyList => {
      const keys = readKeys(text);
      if (keys.ok) return new KeyList(keys.value);
      throw failure('keys_invalid', { file: path, issues: keys.error });
    };
    const onChange = (): void =>
      this.limiter.keep([...this.#files.values()].flatMap(({ value }) => value.keys));
    const file = this.#files.get(path) ?? this.#kept(new FollowedFile(path, { read, logger, onChange }));
    this.#files.set(path, file);
    return file;
  }

  #tokens(rules: TokenRules): Tokens {
    const { clock, logger } = this.#ports;
    const source = this.#kept(openKeySet(rules.jwks, { logger, now: () => clock.now() }));
    return new Tokens(rules, source, clock);
  }

  #kept<T extends { close(): void }>(one: T): T {
    this.#open.push(one);
    return one;
  }
}
