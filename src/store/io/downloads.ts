import { createHash, type Hash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { failure } from '#base';
import type { Downloaded, Downloads, DownloadsOptions, Page } from '../downloads.ts';
import { redacted } from '../uri/redact.ts';
import { cacheFault } from './cache/faults.ts';
import { Accounts } from './http/accounts.ts';
import type { Answer } from './http/ask.ts';
import { HttpClient } from './http/client.ts';
import { ranged, rangeHeader } from './http/ranged.ts';
import { isWorthAnother, pauseAfter, tried } from './trying.ts';

const REMEDY = 'give it credentials: in its URL, or in ~/.netrc or the file that NETRC names';

type FileAsking = Parameters<Downloads['file']>[2];

export class HttpDownloads implements Downloads {
  readonly #options: DownloadsOptions;
  readonly #client: HttpClient;
  readonly #accounts: Accounts;

  constructor(options: DownloadsOptions) {
    this.#options = options;
    this.#client = new HttpClient('', options);
    this.#accounts = new Accounts(options.accounts, options.environment);
  }

  page(url: string, { accept, mostBytes, signal }: Parameters<Downloads['page']>[1]): Promise<Page> {
    const { attempts, random } = this.#options;
    return tried(
      async () => {
        const answer = await this.#ask(url, { accept }, signal);
        const { text, isWhole } = await answer.body.text(mostBytes);
        if (!isWhole)
          throw failure('source_invalid', {
            uri: redacted(url),
            problem: `a page of more than ${mostBytes} bytes`,
          });
        return { text, type: answer.headers['content-type'], url: answer.url.href };
      },
      { attempts, random, signal },
    );
  }

  async file(url: string, into: string, asking: FileAsking): Promise<Downloaded> {
    const file = await Growing.open(into, asking.mostBytes);
    try {
      const isResumed = file.size > 0;
      await this.#fill(url, file, asking);
      return { sha256: file.digest(), size: file.size, isResumed };
    } finally {
      await file.close();
    }
  }

  close(): void {
    this.#client.close();
  }

  async #fill(url: string, file: Growing, asking: FileAsking): Promise<void> {
    const { signal } = asking;
    for (let failures = 0; ; ) {
      const reached = file.size;
      try {
        return await this.#attempt(url, file, asking);
      } catch (error: unknown) {
        signal.throwIfAborted();
        failures = file.size > reached ? 1 : failures + 1;
        if (failures >= this.#options.attempts || !isWorthAnother(error)) throw error;
        await pauseAfter(error, failures, { random: this.#options.random, signal });
      }
    }
  }

  async #attempt(url: string, file: Growing, { mostBytes, signal, onBytes }: FileAsking): Promise<void> {
    const range = file.size === 0 ? undefined : { start: file.size, end: mostBytes };
    const answer = await this.#ask(url, rangeHeader(range), signal);
    // Nothing comes behind what is there: who asked finds out whether it is all.
    if (answer.status === 416) return answer.body.drop();
    for await (const chunk of ranged(answer, range, redacted(url))) {
      if (file.size + chunk.length > mostBytes)
        throw failure('source_invalid', {
          uri: redacted(url),
          problem: `it has more than ${mostBytes} bytes`,
        });
      await file.write(chunk);
      onBytes?.(chunk.length);
    }
  }

  async #ask(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    const authorization = await this.#accounts.authorizationFor(new URL(url));
    const client = new HttpClient(redacted(url), this.#options, this.#client);
    const credentials = authorization === undefined ? {} : { authorization };
    const answer = await client.ask({ url, headers, credentials, signal });
    const isRange = 'range' in headers && (answer.status === 206 || answer.status === 416);
    if (answer.status === 200 || isRange) return answer;
    throw await client.refused(answer, { remedy: REMEDY });
  }
}

/** A file that bytes are put behind, and the digest of all of it. */
class Growing {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  size = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** What lies there, unless it is more than may come: then it is begun anew. */
  static async open(path: string, mostBytes: number): Promise<Growing> {
    try {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
      const growing = new Growing(path, file);
      await growing.#begin(mostBytes).catch(async (error: unknown) => {
        await file.close();
        throw error;
      });
      return growing;
    } catch (error: unknown) {
      throw cacheFault(path, error);
    }
  }

  async #begin(mostBytes: number): Promise<void> {
    if ((await this.#file.stat()).size > mostBytes) await this.#file.truncate();
    const chunk = Buffer.allocUnsafe(256 * 1024);
    for (let bytesRead = -1; bytesRead !== 0; this.size += bytesRead) {
      ({ bytesRead } = await this.#file.read(chunk, 0, chunk.length, this.size));
      this.#hash.update(chunk.subarray(0, bytesRead));
    }
  }

  /** Each knows where its own go: another process that fetches the same writes the same bytes to the same places. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; )
        at += (await this.#file.write(bytes, at, bytes.length - at, this.size + at)).bytesWritten;
    } catch (error: unknown) {
      throw cacheFault(this.#path, error);
    }
    this.#hash.update(bytes);
    this.size += bytes.length;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
