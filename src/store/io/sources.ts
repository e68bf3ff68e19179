import { failure } from '#base';
import type { OpenSource, Source, SourceOptions } from '../source.ts';
import type { Reference } from '../uri/reference.ts';

type Scheme = Reference['scheme'];

/** Loaded when a model comes by it, and not before: a cloud's library is megabytes. */
const openers: Partial<Readonly<Record<Scheme, () => Promise<OpenSource<never>>>>> = {
  https: async () => (await import('./sources/https.ts')).openHttps,
};

/** Opens what a reference names. */
export async function openSource(reference: Reference, uri: string, options: SourceOptions): Promise<Source> {
  const load = openers[reference.scheme];
  if (load === undefined) throw failure('uri_invalid', { uri, problem: 'nothing is fetched by this scheme' });
  const open = (await load()) as OpenSource;
  return open(reference, uri, options);
}
