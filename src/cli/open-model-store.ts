/** The store, with everything it is made of. Loaded when a model is fetched or pinned, and not before. */
import { type Logger, systemClock, systemRandom } from '#base';
import type { Policy } from '#spec';
import { admissionOf, openStore, type Store, type StoreOptions } from '#store';

export async function openModelStore(
  options: StoreOptions,
  policies: readonly Policy[],
  logger: Logger,
): Promise<Store> {
  return openStore(options, { clock: systemClock, random: systemRandom, logger, admission: await admissionOf(policies) });
}
