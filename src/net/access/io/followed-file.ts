import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { failure, type Logger, messageOf } from '#base';

/** How often a file is looked at. Milliseconds. */
const LOOK_MS = 500;

/** A larger one is no list of keys. Bytes. */
const LARGEST = 1024 * 1024;

export interface Following<T> {
  /** What a text means. Throws what is wrong with it. */
  readonly read: (text: string) => T;
  readonly logger: Logger;
  /** Called with what a new text means. */
  readonly onChange?: (value: T) => void;
  /** Milliseconds between two looks. */
  readonly lookMs?: number;
}

/**
 * A file's meaning, kept up to date while it is edited. Looked at by `stat`, which sees what other ways of watching miss: a
 * file that is replaced, a link that leads elsewhere, a volume of Kubernetes. A text is read when two looks find the same,
 * so that none is read half written; what is wrong with it is said once, and the last good one holds.
 */
export class FollowedFile<T> {
  readonly path: string;
  readonly #following: Following<T>;
  readonly #timer: NodeJS.Timeout;
  #value: T;
  /** What it looked like when it was last read, and at the last look if that was otherwise. */
  #seen: string;
  #arriving: string | undefined;
  #isLooking = false;
  #closed = false;

  /** Throws `file_unreadable`, and what `read` throws. */
  constructor(path: string, following: Following<T>) {
    this.path = path;
    this.#following = following;
    this.#seen = looksOf(() => statSync(path, { bigint: true }));
    this.#value = following.read(textOf(path));
    this.#timer = setInterval(() => void this.#look(), following.lookMs ?? LOOK_MS);
    this.#timer.unref();
  }

  get value(): T {
    return this.#value;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const looks = await stat(this.path, { bigint: true }).then(looksLike, messageOf);
    const isWhole = looks === this.#arriving;
    this.#arriving = looks === this.#seen ? undefined : looks;
    if (isWhole && looks !== this.#seen) await this.#readAgain(looks);
    this.#isLooking = false;
  }

  async #readAgain(looks: string): Promise<void> {
    const { read, logger, onChange } = this.#following;
    this.#seen = looks;
    try {
      const text = await readFile(this.path, 'utf8').catch((error: unknown) => unreadable(this.path, error));
      if (this.#closed) return;
      this.#value = read(bounded(this.path, text));
      onChange?.(this.#value);
      logger.log('info', 'file read again', { path: this.path });
    } catch (error: unknown) {
      logger.log('error', 'file not read again: what it said before holds', { problem: messageOf(error) });
    }
  }
}

function textOf(path: string): string {
  try {
    return bounded(path, readFileSync(path, 'utf8'));
  } catch (error: unknown) {
    return unreadable(path, error);
  }
}

function bounded(path: string, text: string): string {
  if (text.length <= LARGEST) return text;
  throw failure('file_unreadable', { path, problem: `it is larger than ${LARGEST} bytes` });
}

function unreadable(path: string, error: unknown): never {
  throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
}

function looksOf(find: () => BigIntStats): string {
  try {
    return looksLike(find());
  } catch (error: unknown) {
    return messageOf(error);
  }
}

/** A change of a file that keeps all of these is none. */
function looksLike({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
