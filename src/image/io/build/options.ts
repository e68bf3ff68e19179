import type { Random } from '#base';
import type { RegistryReader } from '#store';
import type { About } from '../../bom/about.ts';
import type { ImageName } from '../../image-name.ts';
import type { Platform } from '../../platform.ts';

interface BuildProgress {
  /** What is done now, for people: `fetch …`, `read …`, `pack …`. What is silent for long is told before, with 0 done. */
  readonly phase: string;
  /** Bytes. */
  readonly done: number;
  readonly total: number | undefined;
}

export interface BuildOptions {
  readonly platforms: readonly Platform[];
  /** A folder that blobs are kept in from one build to the next; several builds may use it at once. */
  readonly cache: string;
  /** Bytes that its blobs may have after a build; 10 GiB without. */
  readonly quotaBytes?: number;
  readonly open: (name: ImageName) => Promise<RegistryReader>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The time of everything in the image: seconds since 1970. */
  readonly epoch: number;
  readonly tool: About['tool'];
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell?: ((progress: BuildProgress) => void) | undefined;
}
