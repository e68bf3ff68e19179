/** Images that the journeys on a cluster run, built by fairlead itself and pushed to the registry that the nodes pull from. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../programs/fairlead.ts';
import type { Surroundings } from './surroundings.ts';

export interface Build {
  readonly around: Surroundings;
  /** Of images. */
  readonly cache: string;
  readonly repository: string;
}

export interface Made {
  /** What nodes pull it by. */
  readonly name: string;
  /** Bytes that were sent. */
  readonly uploaded: number;
  /** Digests of the models in it. */
  readonly models: readonly string[];
}

/** `fairlead image build … --push`, as a user types it. Throws with what it said where it fails. */
export function buildImage(
  { around, cache, repository }: Build,
  words: readonly string[],
  name: string,
): Made {
  const tag = `${around.registry}/${repository}/${name}`;
  const printed = execFileSync(
    join(root, 'fairlead'),
    ['image', 'build', ...words, '-t', tag, '--push', '-o', 'json'],
    { encoding: 'utf8', env: { ...process.env, FAIRLEAD_IMAGE_CACHE: cache }, timeout: 300_000 },
  );
  const { pushed, models } = JSON.parse(printed) as {
    pushed: { uploaded: number };
    models: readonly { digest: string }[];
  };
  return { name: tag, uploaded: pushed.uploaded, models: models.map(({ digest }) => digest) };
}
