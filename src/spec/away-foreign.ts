/** What a server of others finds of a model that is not in its image: a folder for each version, as if it were. */
import { type Spoken, spokenBy, subPathOf, volumeOf } from './away-uri.ts';
import { LABEL } from './bounds.ts';
import { MODELS } from './container.ts';
import type { Away } from './deployed-away.ts';
import type { ForeignKind } from './foreign-schema.ts';
import type { ModelEntry, ModelSource } from './model-schema.ts';

export interface Lending {
  readonly service: string;
  readonly kind: ForeignKind;
  readonly asVolume: boolean;
}

export function awayForeign(source: ModelSource | ModelEntry, lending: Lending): Away {
  const { uri, digest, include, exclude } = source;
  const place = placeOf(source, lending);
  const { name, version, folder, path } = place;
  const volume = volumeOf(uri, lending.asVolume);
  const { include: _in, exclude: _out, digest: _pin, versions: _chosen, ...rest } = source;
  return {
    told: { kind: 'entries', entries: [{ ...rest, name, version, uri: path }] },
    models: [{ name, version, artifact: { path, digest: digest ?? '' } }],
    // A file of a claim is mounted as one.
    ...(volume === undefined
      ? { pull: { uri, digest, include, exclude, to: folder } }
      : { mount: { volume, subPath: subPathOf(uri, volume), path } }),
    isCached: false,
  };
}

interface Place {
  readonly name: string;
  readonly version: string;
  /** What is brought there. */
  readonly folder: string;
  /** The model: that folder, or a file in it. */
  readonly path: string;
}

function placeOf(source: ModelSource | ModelEntry, { service, kind }: Lending): Place {
  const spoken = spokenBy(source.uri);
  if (kind === 'triton') return ofTriton(source, spoken, service);
  const name = source.name ?? service;
  const version = source.version ?? spoken.version ?? usualVersion(source, kind);
  const folder = `${MODELS}/${name}/${version}`;
  const isFile = kind === 'custom' && spoken.file !== undefined;
  return { name, version, folder, path: isFile ? `${folder}/${spoken.file}` : folder };
}

/**
 * A folder without a number is the whole model, `config.pbtxt` and all its versions: Triton knows no other. What that file calls it,
 * its folder has to be called.
 */
function ofTriton(
  source: ModelSource | ModelEntry,
  { folder: called, version }: Spoken,
  service: string,
): Place {
  const name = source.name ?? nameIn(called) ?? service;
  const whole = `${MODELS}/${name}`;
  const folder = version === undefined ? whole : `${whole}/${version}`;
  return { name, version: version ?? FIRST, folder, path: folder };
}

const FIRST = '1';

/** TensorFlow Serving looks for numbers. */
function usualVersion({ digest }: ModelSource, kind: ForeignKind): string {
  return kind === 'custom' ? (digest?.replace('sha256:', '').slice(0, 8) ?? FIRST) : FIRST;
}

/** As far as the folder has one that a file accepts too. */
function nameIn(folder: string | undefined): string | undefined {
  return folder !== undefined && LABEL.test(folder) ? folder : undefined;
}
