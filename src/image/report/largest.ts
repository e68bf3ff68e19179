import type { BuiltImage, BuiltLayer } from '../built.ts';
import { runtimesOf } from '../contents/runtimes.ts';
import type { Package } from '../recipe.ts';
import type { Laid } from './placed.ts';

/** What somebody made, and what its files take. */
export interface Large {
  readonly kind: Package['kind'];
  readonly name: string;
  readonly version: string;
  /** Unpacked. */
  readonly bytes: number;
  /** The role of its layer. */
  readonly of: 'base' | BuiltLayer['role'];
}

const MOST = 10;

/** The packages that take most, of the base and of what lies over it. */
export function largestOf(laid: Laid): readonly Large[] {
  const { base, layers } = laid.image;
  const all = [
    ...[...runtimesOf(base), ...base.contents.packages].map(one => largeOf(one, 'base')),
    ...layers.flatMap((layer, at) => inLayer(layer, bytesIn(laid, at))),
  ];
  return all
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, MOST);
}

function largeOf({ kind, name, version, bytes = 0 }: Package, of: Large['of']): Large {
  return { kind, name, version, bytes, of };
}

function bytesIn({ image, files }: Laid, at: number): number {
  const layer: number = image.base.layers.length + at;
  return files.reduce((sum, file) => sum + (file.layer === layer ? file.bytes : 0), 0);
}

/** What packages do not tell of their layer is its first one's: that is what it is for. */
function inLayer({ packages, role }: BuiltImage['layers'][number], bytes: number): Large[] {
  const told = packages.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  const silent = packages.find(one => one.bytes === undefined);
  return packages.map(one =>
    largeOf(one === silent ? { ...one, bytes: Math.max(0, bytes - told) } : one, role),
  );
}
