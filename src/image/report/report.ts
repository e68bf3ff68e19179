/** Where the bytes of an image are, and what it could do without. */
import type { Built, BuiltImage, BuiltLayer } from '../built.ts';
import { type ImageName, imageText } from '../image-name.ts';
import type { Platform } from '../platform.ts';
import type { Recipe } from '../recipe.ts';
import { type Large, largestOf } from './largest.ts';
import { sizesOf } from './packed-size.ts';
import { type Laid, laidOf } from './placed.ts';
import { type Saving, savingsOf } from './savings.ts';

/** Plain data; all sizes are bytes. */
export interface Report {
  readonly platforms: readonly PlatformReport[];
}

export interface PlatformReport {
  readonly platform: Platform;
  readonly base: string;
  /** Lowest first. */
  readonly layers: readonly LayerReport[];
  readonly totals: {
    /** Compressed: what a machine that has nothing pulls. */
    readonly size: number;
    readonly unpacked: number;
    /** Compressed, of the layers over the base: what one that has the base pulls. */
    readonly overBase: number;
    /** Compressed, of the base: what is stored and pulled once for all images on it. */
    readonly shared: number;
  };
  readonly largest: readonly Large[];
  /** What saves most first; no file counts in two. */
  readonly savings: readonly Saving[];
}

export interface LayerReport {
  readonly role: 'base' | BuiltLayer['role'];
  readonly what: string;
  readonly digest: string;
  /** Compressed. */
  readonly size: number;
  readonly unpacked: number;
  /** Of what is pulled, from 0 to 1. */
  readonly share: number;
}

export function reportOf({ images, recipe }: Built): Report {
  return { platforms: images.map(image => platformReport(image, recipe)) };
}

function platformReport(image: BuiltImage, recipe: Recipe): PlatformReport {
  const laid = laidOf(image, recipe);
  const sizes = sizesOf(laid);
  const size = sum(sizes);
  const shared = sum(sizes.slice(0, image.base.layers.length));
  const layers = [...baseLayers(laid), ...image.layers].map(
    ({ role, title, digest, size: own, unpackedSize }) => ({
      role,
      what: title,
      digest,
      size: own,
      unpacked: unpackedSize,
      share: size === 0 ? 0 : own / size,
    }),
  );
  const unpacked = sum(layers.map(layer => layer.unpacked));
  return {
    platform: image.platform,
    base: imageText(image.base.name),
    layers,
    totals: { size, unpacked, overBase: size - shared, shared },
    largest: largestOf(laid),
    savings: savingsOf(laid),
  };
}

type LayerSaid = Pick<BuiltLayer, 'title' | 'digest' | 'size' | 'unpackedSize'> & Pick<LayerReport, 'role'>;

function baseLayers({ image: { base }, files, hidden }: Laid): LayerSaid[] {
  const title = titleOf(base.name);
  return base.layers.map(({ descriptor: { digest, size } }, at) => ({
    role: 'base',
    title: base.layers.length === 1 ? title : `${title}, ${at + 1} of ${base.layers.length}`,
    digest,
    size,
    unpackedSize: sum(files.map(({ layer, bytes }) => (layer === at ? bytes : 0))) + (hidden[at] ?? 0),
  }));
}

/** As short as it can be told from others: `python:3.11-slim-bookworm`. */
function titleOf({ repository, tag }: ImageName): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return tag === undefined ? name : `${name}:${tag}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
