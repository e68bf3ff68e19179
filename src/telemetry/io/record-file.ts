import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { failure, messageOf } from '#base';

export interface RecordFileOptions {
  readonly path: string;
  /** A file that would be larger is put aside first: `path.1`, then `path.2`… */
  readonly bytes: number;
  /** All together, the one that is written among them. */
  readonly files: number;
}

/** Never waits for a reader, where the file is a pipe. */
const FLAGS = constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Longer than another process takes to write its lines. Milliseconds. */
const WRITING_MS = 20;

/** Only who runs the server may read what its clients sent. */
const MODE = 0o600;

const NEWLINE = 10;

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
  /** Of what is no file, and cannot be looked at: the end of a line may be missing. */
  #isTorn = false;

  /** Throws `payload_log_unwritable`. */
  static async open(options: RecordFileOptions): Promise<RecordFile> {
    try {
      const handle = await openToAppend(options.path);
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
    const text = lines.join('');
    if (this.#isRegular) await this.#makeRoom(Buffer.byteLength(text));
    const isTorn = this.#isRegular ? await this.#isCut() : this.#isTorn;
    const bytes = Buffer.from(`${isTorn ? '\n' : ''}${text}`);
    this.#isTorn = true;
    for (let at = 0; at < bytes.length; )
      at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
    this.#isTorn = false;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** The disk was full, or a process that wrote to it was killed. */
  async #isCut(): Promise<boolean> {
    const found = await this.#end();
    if (found.isLine) return false;
    // Another process may be at it just now.
    await setTimeout(WRITING_MS);
    const { isLine, size } = await this.#end();
    return !isLine && size === found.size;
  }

  async #end(): Promise<{ readonly size: number; readonly isLine: boolean }> {
    const { size } = await this.#handle.stat();
    if (size === 0) return { size, isLine: true };
    const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return { size, isLine: bytesRead === 0 || buffer[0] === NEWLINE };
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
    const next = await openToAppend(path);
    await this.#handle.close();
    this.#handle = next;
  }

  /** Whoever finds the lock taken leaves it to the other, and writes on. */
  async #putAside(): Promise<void> {
    const { path, files } = this.#options;
    const lock = `${path}.lock`;
    if (!(await taken(lock))) return;
    try {
      const { ino } = await this.#handle.stat();
      // Another process may have been faster, and not have made the next one yet.
      const there = await stat(path).catch(() => undefined);
      if (there?.ino !== ino) return;
      if (files === 1) return await rm(path);
      for (let number = files - 1; number >= 1; number--)
        await rename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`).catch(missing);
    } finally {
      await rm(lock, { force: true });
    }
  }
}

/** What is, or becomes, a file can be looked at too. */
async function openToAppend(path: string): Promise<FileHandle> {
  const isRegular = await stat(path).then(
    found => found.isFile(),
    () => true,
  );
  return open(path, FLAGS | (isRegular ? constants.O_RDWR : constants.O_WRONLY), MODE);
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
