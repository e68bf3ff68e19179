/** What a store is made of, and made with. */
import type { Clock, Logger, Random } from '#base';
import type { Source, SourceOptions, Unpacking } from '../source.ts';
import type { Admission } from '../store.ts';
import type { PvcReference, Reference } from '../uri/reference.ts';
import type { Cache } from './cache/cache.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface StoreOptions {
  /** Of the cache; it is made where it is not there. */
  readonly folder: string;
  /** Bytes that published artifacts may take; without, as many as the disk has. */
  readonly quotaBytes?: number | undefined;
  /** At once, of each pull. */
  readonly connections?: number | undefined;
  /** Milliseconds without a byte until an attempt is given up. */
  readonly patienceMs?: number | undefined;
  /** In a row without a byte, until a pull is given up. */
  readonly attempts?: number | undefined;
  /** Nothing is asked of any source: what is not here is not. */
  readonly offline?: boolean | undefined;
  readonly environment: Environment;
}

/** What an archive may come to. */
export interface UnpackLimits {
  readonly bytes: number;
  readonly files: number;
  /** Bytes that come out for each one of the archive. */
  readonly ratio: number;
}

export interface StorePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Opens the source of a reference: `openSource` of `sources.ts`. */
  readonly open: (reference: Reference, uri: string, options: SourceOptions) => Promise<Source>;
  readonly unpack: (
    archive: string,
    into: string,
    options: {
      unpacking: Unpacking;
      limits: UnpackLimits;
      called?: string;
      signal?: AbortSignal | undefined;
    },
  ) => Promise<void>;
  /** Where a volume is mounted here, and what a URI names in it. */
  readonly volume: (reference: PvcReference, uri: string, environment: Environment) => Promise<string>;
  readonly admission: Admission;
}

export interface Setting extends StorePorts {
  readonly cache: Cache;
  readonly quotaBytes: number | undefined;
  readonly connections: number;
  readonly patienceMs: number;
  readonly attempts: number;
  readonly offline: boolean;
  readonly environment: Environment;
}
