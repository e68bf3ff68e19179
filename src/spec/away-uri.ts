/** What a URI tells of a model that nobody has looked at. */
import { percentDecoded } from '#base';
import type { ModelMount } from './deployed-away.ts';
import { formatOf } from './formats.ts';
import { isVersionNumber } from './versions.ts';

/** The folder of an image that is its model, as the store takes it. */
const IN_IMAGE = 'models';

/** The volume that holds what a URI names; undefined for what has to be pulled. */
export function volumeOf(uri: string, asVolume: boolean): ModelMount['volume'] | undefined {
  const [, claim] = /^pvc:\/\/([^/]+)/i.exec(uri) ?? [];
  if (claim !== undefined) return { claim };
  const [, image] = /^oci:\/\/([^?#]+)/i.exec(uri) ?? [];
  return asVolume && image !== undefined ? { image } : undefined;
}

/** Where it lies in its volume; empty for all of that. */
export function subPathOf(uri: string, volume: ModelMount['volume']): string {
  if (!('claim' in volume)) return IN_IMAGE;
  return uri.replace(/^pvc:\/\/[^/]+/i, '').replaceAll(/^\/+|\/+$/g, '');
}

export interface Spoken {
  /** Of the folder that has the versions, or of the last one. */
  readonly folder: string | undefined;
  /** That of a numbered folder. */
  readonly version: string | undefined;
  /** Where the URI names a file and not a folder, as far as names tell. */
  readonly file: string | undefined;
}

/** What its path says, as names of folders are read on this machine. */
export function spokenBy(uri: string): Spoken {
  const parts = pathOf(uri)
    .split('/')
    .filter(part => part !== '' && part !== '.');
  const file = isFile(parts.at(-1)) ? parts.pop() : undefined;
  const version = isVersionNumber(parts.at(-1) ?? '') ? parts.pop() : undefined;
  return { folder: parts.at(-1), version, file };
}

/** Formats that only servers of others know. */
const OF_OTHERS = /.\.(?:gguf|ggml|llamafile|plan|engine|tflite|bin|h5|mar|pb|pmml|mlmodel)$/i;

function isFile(name = ''): boolean {
  return formatOf(name) !== undefined || OF_OTHERS.test(name);
}

/** Archives are unpacked, and a tag or a revision is no part of a name. */
function pathOf(uri: string): string {
  const [, scheme = '', path = uri] = /^([a-z][a-z0-9+.-]*):\/\/([^?#]*)/i.exec(uri) ?? [];
  return named(scheme.toLowerCase(), path).replace(/\.(?:tar|tar\.gz|tgz|tar\.zst|tzst|zip)$/i, '');
}

function named(scheme: string, path: string): string {
  if (scheme === 'oci') return path.replace(/@.*$/, '').replace(/:[^/]*$/, '');
  if (scheme === 'hf') return path.replace(/@[^/]*/, '');
  if (scheme !== 'https' && scheme !== 'http') return path;
  const below = path.replace(/^[^/]*/, '');
  return percentDecoded(below) ?? below;
}
