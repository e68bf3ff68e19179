import { failure } from '#base';
import type { OpenSource, Source, SourceOptions } from '../source.ts';
import type { Reference } from '../uri/reference.ts';

type Scheme = Reference['scheme'];

/** Loaded when a model comes by it, and not before: a cloud's library is megabytes. */
const openers: Partial<Readonly<Record<Scheme, () => Promise<OpenSource<never>>>>> = {
  s3: async () => (await import('./sources/s3.ts')).openS3,
  az: async () => (await import('./sources/az.ts')).openAz,
  gs: async () => (await import('./sources/gs.ts')).openGs,
  hf: async () => (await import('./sources/hf.ts')).openHf,
  https: async () => (await import('./sources/https.ts')).openHttps,
  oci: async () => (await import('./sources/oci.ts')).openOci,
};

/** Opens what a reference names. */
export async function openSource(reference: Reference, uri: string, options: SourceOptions): Promise<Source> {
  const load = openers[reference.scheme];
  if (load === undefined) throw failure('uri_invalid', { uri, problem: 'nothing is fetched by this scheme' });
  const open = (await load()) as OpenSource;
  return open(reference, uri, options);
}
