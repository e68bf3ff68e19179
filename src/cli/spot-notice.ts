/** The notice that a machine is taken away, as a file that somebody else writes. */
import { stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { type Logger, messageOf } from '#base';
import { type Arm, milliseconds } from '#spec';

/** A file, as far as it tells of a notice. */
export interface Seen {
  readonly size: number;
  readonly modifiedMs: number;
}

/** How often the file is looked at. Milliseconds. */
const LOOK_MS = 250;

/** Of a notice's budget, what is kept for seeing it and for the process itself to end. Milliseconds. */
const EXIT_MS = 1000;

/** What a drain may take of the budget that a notice leaves. Milliseconds. */
export function drainMs(budgetMs: number): number {
  return budgetMs - Math.min(EXIT_MS, budgetMs / 5);
}

/**
 * Whether a file tells of a notice: it appeared, or something was written to it. What it said before the machine started
 * was of another life of that machine; `before` is what was seen last, undefined at the first look, null for no file.
 */
export function isNotice(before: Seen | null | undefined, now: Seen | null, startedMs: number): boolean {
  if (now === null) return false;
  if (before === null) return true;
  if (now.size === 0) return false;
  if (before === undefined) return now.modifiedMs >= startedMs;
  return now.size !== before.size || now.modifiedMs !== before.modifiedMs;
}

/** From a notice to the exit, where nobody said. Milliseconds. */
const BUDGET_MS = 25_000;

/** Where a service learns that its machine is taken away: as its stable arm says, by a file, and from whoever tells. */
export class NoticeWatch {
  /** Resolves once it is known. */
  readonly told: Promise<void>;
  readonly tell: () => void;
  budgetMs = BUDGET_MS;
  readonly #logger: Logger;
  #file: string | undefined;
  #endWatch: (() => void) | undefined;

  constructor(logger: Logger) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.told = promise;
    this.tell = resolve;
    this.#logger = logger;
  }

  /** Does as these arms say from now on. */
  follow([stable]: readonly Arm[]): void {
    const { file, budget } = stable?.revision.notice ?? {};
    this.budgetMs = budget === undefined ? BUDGET_MS : milliseconds(budget);
    if (file === this.#file) return;
    this.end();
    this.#file = file;
    if (file !== undefined) this.#endWatch = watchNotice(file, this.#logger, this.tell);
  }

  end(): void {
    this.#endWatch?.();
  }
}

/** Looks for the notice until it comes, which is told once. The answer ends it. */
export function watchNotice(path: string, logger: Logger, onNotice: () => void): () => void {
  const startedMs = Date.now() - uptime() * 1000;
  let before: Seen | null | undefined;
  let problem = '';
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const end = (): void => {
    isEnded = true;
    clearTimeout(timer);
  };
  const look = async (): Promise<void> => {
    try {
      const now = await seenAt(path);
      if (isEnded) return;
      if (isNotice(before, now, startedMs)) {
        end();
        return onNotice();
      }
      if (before === undefined && now !== null && now.size > 0)
        logger.log('warn', 'the notice is older than this machine has run, and is passed over', { path });
      before = now;
    } catch (error: unknown) {
      if (messageOf(error) !== problem)
        logger.log('error', 'the notice cannot be looked for', { path, problem: messageOf(error) });
      problem = messageOf(error);
    }
    if (isEnded) return;
    timer = setTimeout(() => void look(), LOOK_MS);
    timer.unref();
  };
  void look();
  return end;
}

async function seenAt(path: string): Promise<Seen | null> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('it is no file');
    return { size: found.size, modifiedMs: found.mtimeMs };
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
