/** Placeholder: the branch `wheels` has the real one. */
import { failure, type Random } from '#base';
import type { BaseImage } from '../base-image.ts';
import type { LayerFiles } from '../recipe.ts';

export interface Gathering {
  readonly base: BaseImage;
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell?:
    | ((progress: { phase: string; done: number; total: number | undefined }) => void)
    | undefined;
}

export function gatherRequirements(
  { file }: { file: string; text: string },
  _at: Gathering,
): Promise<LayerFiles> {
  throw failure('internal', { problem: `${file} is gathered by another branch` });
}
