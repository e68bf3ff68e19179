import { failure, type Logger, messageOf } from '#base';
import { type KeySet, readKeySet } from '../key-set.ts';
import { FollowedFile } from './followed-file.ts';

/** Where an issuer's public keys come from. */
export interface KeySetSource {
  /** The newest that were read, the same object as long as nothing changed; undefined before the first. */
  readonly latest: KeySet | undefined;
  /** Looks for newer ones, unless that was done just now. Rejects with `issuer_unavailable` where there are none at all. */
  renew(): Promise<KeySet>;
  close(): void;
}

export interface SourceOptions {
  readonly logger: Logger;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  readonly times?: FetchTimes;
}

/** Milliseconds. */
export interface FetchTimes {
  /** For an answer. */
  readonly answerMs: number;
  /** Between two looks that nobody asked for: a key that the issuer withdrew is good no longer than this. */
  readonly refreshMs: number;
  /** Between two looks that clients cause: while keys are known, and while none are. */
  readonly cooldownMs: number;
  readonly firstCooldownMs: number;
}

const usualTimes: FetchTimes = { answerMs: 5000, refreshMs: 60_000, cooldownMs: 5000, firstCooldownMs: 1000 };

/** Bytes. */
const LARGEST = 512 * 1024;

/** The keys at an address, or in a file. Throws `file_unreadable` or `keys_invalid` for a file. */
export function openKeySet(place: string, options: SourceOptions): KeySetSource {
  return /^https?:\/\//.test(place) ? new FetchedKeySet(place, options) : new KeySetFile(place, options);
}

class KeySetFile implements KeySetSource {
  readonly #file: FollowedFile<KeySet>;

  constructor(path: string, { logger }: SourceOptions) {
    this.#file = new FollowedFile(path, { read: text => checked(text, path), logger });
  }

  get latest(): KeySet {
    return this.#file.value;
  }

  /** It is read when it changes. */
  renew(): Promise<KeySet> {
    return Promise.resolve(this.#file.value);
  }

  close(): void {
    this.#file.close();
  }
}

function checked(text: string, file: string): KeySet {
  const read = readKeySet(text);
  if (read.ok) return read.value;
  throw failure('keys_invalid', { file, issues: [read.error] });
}

/** What an issuer publishes. While it cannot be reached, the keys that are known stay good. */
class FetchedKeySet implements KeySetSource {
  readonly #address: string;
  readonly #options: SourceOptions;
  readonly #times: FetchTimes;
  readonly #timer: NodeJS.Timeout;
  readonly #end = new AbortController();
  latest: KeySet | undefined;
  #text = '';
  #problem = 'nobody has asked yet';
  #asked = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(address: string, options: SourceOptions) {
    this.#address = address;
    this.#options = options;
    this.#times = options.times ?? usualTimes;
    this.#timer = setInterval(() => this.#ask(), this.#times.refreshMs);
    this.#timer.unref();
    this.#ask();
  }

  async renew(): Promise<KeySet> {
    const { cooldownMs, firstCooldownMs } = this.#times;
    const rest = this.latest === undefined ? firstCooldownMs : cooldownMs;
    if (this.#options.now() - this.#asked >= rest) this.#ask();
    await this.#asking;
    if (this.latest !== undefined) return this.latest;
    throw failure('issuer_unavailable', { problem: this.#problem });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#end.abort();
  }

  #ask(): void {
    if (this.#asking !== undefined || this.#end.signal.aborted) return;
    this.#asked = this.#options.now();
    this.#asking = this.#fetch().finally(() => {
      this.#asking = undefined;
    });
  }

  async #fetch(): Promise<void> {
    try {
      const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(this.#times.answerMs)]);
      const text = await textAt(this.#address, signal);
      if (text === this.#text) return;
      const read = readKeySet(text);
      if (!read.ok) throw new Error(read.error);
      this.latest = read.value;
      this.#text = text;
    } catch (error: unknown) {
      if (this.#end.signal.aborted) return;
      this.#problem = problemOf(error);
      const facts = { address: this.#address, problem: this.#problem, known: this.latest !== undefined };
      this.#options.logger.log('warn', "the issuer's keys cannot be read", facts);
    }
  }
}

/** Redirects are not followed: an address that may only be of this machine could lead elsewhere. */
async function textAt(address: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(address, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!answer.ok || answer.body === null) throw new Error(`the answer has the status ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`the answer is larger than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** fetch says only that it failed, and keeps why to itself. */
function problemOf(error: unknown): string {
  return messageOf(error instanceof TypeError && error.cause !== undefined ? error.cause : error);
}
