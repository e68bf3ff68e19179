/** Names of wheels: packaging specifications, "Binary distribution format" and "Platform compatibility tags" (PEP 427 and 425). */
import { percentDecoded } from '#base';
import { normalName } from './project-name.ts';

export interface WheelName {
  readonly file: string;
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** What tells builds of one version apart, the later one larger: `1` and `local` of `1local`. */
  readonly build: readonly [number, string];
  /** `cp311-cp311-manylinux_2_17_x86_64`, each that it is for. */
  readonly tags: readonly string[];
}

const SHAPE = /^([A-Za-z0-9][A-Za-z0-9._]*)-([^-]+)(?:-(\d+)([^-]*))?-([^-]+)-([^-]+)-([^-]+)\.whl$/;
/** Together; honest ones have ten. */
const MOST_TAGS = 1000;

/** Undefined for a file that is no wheel by its name. */
export function parseWheelName(file: string): WheelName | undefined {
  const [, name, version = '', number = '-1', label = '', ...sets] = SHAPE.exec(file) ?? [];
  const tags = tagsOf(sets.map(set => set.toLowerCase().split('.')));
  if (name === undefined || tags === undefined) return undefined;
  return {
    file,
    name: normalName(name),
    version: version.replaceAll('_', '-'),
    build: [Number(number), label],
    tags,
  };
}

/** Each with each; undefined where they are too many. */
function tagsOf([pythons = [], abis = [], platforms = []]: readonly string[][]):
  | readonly string[]
  | undefined {
  if (pythons.length * abis.length * platforms.length > MOST_TAGS) return undefined;
  return pythons.flatMap(python =>
    abis.flatMap(abi => platforms.map(platform => `${python}-${abi}-${platform}`)),
  );
}

/** The last name of the path of an address. */
export function fileNameOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  return percentDecoded(name) ?? name;
}
