/** What fairlead's own server is told of a model that is not in its image: it knows claims and URIs by itself. */
import { subPathOf, volumeOf } from './away-uri.ts';
import { CLAIMS, MODELS } from './container.ts';
import type { Away } from './deployed-away.ts';
import type { ModelEntry, ModelSource } from './model-schema.ts';
import type { PythonOptions } from './python-schema.ts';
import type { RuntimeOptions } from './schema.ts';

export interface Owning {
  readonly service: string;
  readonly runtime: RuntimeOptions;
  readonly asVolume: boolean;
  /** It is the only model of its service: what that says of Python is meant for it. */
  readonly isAlone: boolean;
}

/** Only an image volume has to be told as a path. */
export function awayOwn(source: ModelSource | ModelEntry, owning: Owning): Away {
  const { service, runtime, asVolume } = owning;
  const name = source.name ?? service;
  const entry: ModelEntry = { ...(owning.isAlone ? withClass(source, runtime.python) : source), name };
  const volume = volumeOf(source.uri, asVolume);
  if (volume === undefined) return { told: entryOf(entry, runtime), models: [], isCached: true };
  if ('claim' in volume) {
    const mount = { volume, subPath: '', path: `${CLAIMS}/${volume.claim}` };
    return { told: entryOf(entry, runtime), models: [], mount, isCached: false };
  }
  const path = `${MODELS}/${name}/${source.version ?? '1'}`;
  const { include: _in, exclude: _out, ...rest } = entry;
  const mount = { volume, subPath: subPathOf(source.uri, volume), path };
  return { told: entryOf({ ...rest, uri: path }, runtime), models: [], mount, isCached: false };
}

function entryOf(entry: ModelEntry, { python }: RuntimeOptions): Away['told'] {
  return { kind: 'entries', entries: [entry], ...(python && { python }) };
}

/** A class is what the one model of a service is loaded by, whatever lies there. */
function withClass(source: ModelSource, python: PythonOptions | undefined): ModelSource {
  if (python?.class === undefined || source.runtime?.python?.class !== undefined) return source;
  const { class: named } = python;
  return { ...source, runtime: { ...source.runtime, python: { ...source.runtime?.python, class: named } } };
}
