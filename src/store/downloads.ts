/** Pages and files of the web, for those who know by themselves what the bytes must be. `io/downloads.ts` makes one. */
import type { Random } from '#base';
import type { SourceOptions } from './source.ts';

export interface Page {
  readonly text: string;
  /** As the server says it. */
  readonly type: string | undefined;
  /** Where redirects led, as it may be shown: without a user, and with its query. */
  readonly url: string;
}

export interface Downloaded {
  /** 64 hex digits, of all of it. */
  readonly sha256: string;
  readonly size: number;
  /** Some of it came with an earlier call, and may have been of something else. */
  readonly isResumed: boolean;
}

/**
 * Asks again, with pauses, where a server is busy or breaks off. All throw `source_missing`, `source_refused`,
 * `source_unavailable` or `source_invalid`, with the URL as it may be shown, or the signal's reason.
 */
export interface Downloads {
  page(url: string, asking: { accept: string; mostBytes: number; signal: AbortSignal }): Promise<Page>;
  /**
   * All the bytes of a URL, into a file: what lies there already is taken for their beginning, and what has come stays where the
   * rest does not. `onBytes` is told of each that comes, at most `mostBytes` together. Throws `cache_full` and `cache_unusable` too.
   */
  file(
    url: string,
    into: string,
    asking: { mostBytes: number; signal: AbortSignal; onBytes?: (bytes: number) => void },
  ): Promise<Downloaded>;
  /** Drops all connections. */
  close(): void;
}

export interface DownloadsOptions extends SourceOptions {
  /** In a row without a byte, until it is given up. */
  readonly attempts: number;
  /** URLs whose user and password are for all of their origin; other hosts are looked up in netrc. */
  readonly accounts: readonly string[];
  readonly random: Random;
}
