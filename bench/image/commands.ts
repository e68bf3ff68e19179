/** What is timed, as a user types it: `fairlead image build`, and `crane append` of the same bytes. */
import type { Watched } from '../store/measured.ts';

const DEADLINE_MS = 600_000;

export interface Building {
  /** fairlead as it is installed: `dist/fairlead.js`. */
  readonly program: string;
  /** A folder with a service file. */
  readonly service: string;
  readonly base: string;
  readonly cache: string;
}

/** `where` says what becomes of it: `--push`, or `--oci-layout FOLDER`. */
export function build({ program, service, base, cache }: Building, where: readonly string[]): Watched {
  return {
    argv: [process.execPath, program, 'image', 'build', service, '--base', base, '-o', 'json', ...where],
    env: { FAIRLEAD_IMAGE_CACHE: cache },
    deadlineMs: DEADLINE_MS,
  };
}

/** Layers that are tar files already: it compresses and pushes them, and nothing else. */
export function append(base: string, layers: readonly string[], tag: string): Watched {
  const files = layers.flatMap(layer => ['-f', layer]);
  return {
    argv: ['crane', 'append', '--insecure', '-b', base, ...files, '-t', tag],
    deadlineMs: DEADLINE_MS,
  };
}
