import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { failure, messageOf } from '#base';

export interface RecordFileOptions {
  readonly path: string;
  /** A file that would be larger is put aside first: `path.1`, then `path.2`… */
  readonly bytes: number;
  /** All together, the one that is written among them. */
  readonly files: number;
}

/** Never waits for a reader, where the file is a pipe. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Only who runs the server may read what its clients sent. */
const MODE = 0o600;

/** A lock older than this was left by a process that died. Milliseconds. */
const STALE_LOCK_MS = 10_000;

/**
 * Lines in a file that is put aside when it is full. Several processes may write to one: each line goes in with one write, and
 * only one of them puts the file aside.
 */
export class RecordFile {
  readonly #options: RecordFileOptions;
  #handle: FileHandle;
  #isRegular: boolean;
  /** The end of a line may be missing. */
  #isTorn = false;

  /** Throws `payload_log_unwritable`. */
  static async open(options: RecordFileOptions): Promise<RecordFile> {
    try {
      const handle = await open(options.path, FLAGS, MODE);
      return new RecordFile(options, handle, (await handle.stat()).isFile());
    } catch (error: unknown) {
      throw failure('payload_log_unwritable', { path: options.path, problem: messageOf(error) }, error);
    }
  }

  private constructor(options: RecordFileOptions, handle: FileHandle, isRegular: boolean) {
    this.#options = options;
    this.#handle = handle;
    this.#isRegular = isRegular;
  }

  /** Appends whole lines. Rejects when some of them may not be there. */
  async write(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(`${this.#isTorn ? '\n' : ''}${lines.join('')}`);
    if (this.#isRegular) await this.#makeRoom(bytes.length);
    this.#isTorn = true;
    for (let at = 0; at < bytes.length; )
      at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
    this.#isTorn = false;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #makeRoom(bytes: number): Promise<void> {
    await this.#follow();
    const { size } = await this.#handle.stat();
    if (size === 0 || size + bytes <= this.#options.bytes) return;
    await this.#putAside();
    await this.#follow();
  }

  /** Another process may have put the file aside, and somebody may have removed it. */
  async #follow(): Promise<void> {
    const { path } = this.#options;
    const [there, held] = await Promise.all([stat(path).catch(() => undefined), this.#handle.stat()]);
    if (there?.ino === held.ino && there.dev === held.dev) return;
    const next = await open(path, FLAGS, MODE);
    await this.#handle.close();
    this.#handle = next;
    this.#isTorn = false;
  }

  /** Whoever finds the lock taken leaves it to the other, and writes on. */
  async #putAside(): Promise<void> {
    const { path, files } = this.#options;
    const lock = `${path}.lock`;
    if (!(await taken(lock))) return;
    try {
      const { ino } = await this.#handle.stat();
      if ((await stat(path)).ino !== ino) return;
      if (files === 1) return await rm(path);
      for (let number = files - 1; number >= 1; number--)
        await rename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`).catch(missing);
    } finally {
      await rm(lock, { force: true });
    }
  }
}

async function taken(lock: string): Promise<boolean> {
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > STALE_LOCK_MS) await rm(lock, { force: true });
  try {
    await (await open(lock, 'wx', MODE)).close();
    return true;
  } catch {
    // Another process has it, or the folder takes no files.
    return false;
  }
}

/** Of the older files some are not there yet. */
function missing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
