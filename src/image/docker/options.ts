import type { ImageName } from '../image-name.ts';
import type { Platform } from '../platform.ts';
import type { Health } from './health-check.ts';

export interface DockerOptions {
  /** By their digests: of an index, where there is one, so that it stands for all platforms. */
  readonly bases: {
    readonly base: ImageName;
    /** Where the base has no Node and something is to run in it. */
    readonly node?: ImageName | undefined;
  };
  /** At least one. */
  readonly platforms: readonly Platform[];
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch: number;
  readonly tool: { readonly name: string; readonly version: string };
  /** What the command at the top of the Dockerfile makes. */
  readonly image?: ImageName | undefined;
  /** All that is said of the image, which its labels say too; without it, what the recipe says. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Without it Docker does not ask; with it only where Node is in the image. */
  readonly health?: Health | undefined;
}
