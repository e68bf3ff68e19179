/** The store with everything it is made of: every source, archives, volumes, and who is let in. */
import type { Clock, Logger, Random } from '#base';
import { admissionOf } from '../policy/admission.ts';
import { loadRules, type PolicyFile } from '../policy/io/load-rules.ts';
import type { Admission, Store } from '../store.ts';
import { localRoot } from './mounts.ts';
import { openStore } from './open-store.ts';
import type { StoreOptions } from './setting.ts';
import { openSource } from './sources.ts';

export interface Assembling {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Each must let a model in; `reading` refuses nothing: models are read for what they are. */
  readonly policies: readonly PolicyFile[] | 'reading';
}

/** Throws what is wrong with the files that a policy names. */
export async function assembleStore(options: StoreOptions, assembling: Assembling): Promise<Store> {
  const { policies, ...ports } = assembling;
  return openStore(options, {
    ...ports,
    open: openSource,
    unpack: async (...archive) => (await import('./archive/unpack.ts')).unpack(...archive),
    volume: localRoot,
    admission: policies === 'reading' ? reading : await admissionBy(policies, assembling),
  });
}

async function admissionBy(policies: readonly PolicyFile[], { clock }: Assembling): Promise<Admission> {
  return admissionOf(await Promise.all(policies.map(loadRules)), { clock });
}

const reading: Admission = {
  seesAll: false,
  marks: [],
  beforeListing: () => undefined,
  beforeFetching: () => undefined,
  beforeHolding: async () => undefined,
};
