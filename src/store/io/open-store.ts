import { failure } from '#base';
import type { Asking, Cached, Damage, Held, Store, Wanted } from '../store.ts';
import { parseReference } from '../uri/parse.ts';
import { plainHttpProblem } from '../uri/parse-https.ts';
import { redacted } from '../uri/redact.ts';
import { asked } from './asked.ts';
import { Cache } from './cache/cache.ts';
import { holdCached } from './hold-cached.ts';
import { holdLocal, holdPublished } from './hold-local.ts';
import { listCache, pruneCache, verifyCache } from './keeping.ts';
import { localPlace } from './local-place.ts';
import type { Setting, StoreOptions, StorePorts } from './setting.ts';
import { ATTEMPTS } from './trying.ts';

export type { StoreOptions, StorePorts } from './setting.ts';

const CONNECTIONS = 8;
const PATIENCE_MS = 30_000;

/** A store over a folder of this machine. Nothing is made or looked at until something is asked of it. */
export function openStore(options: StoreOptions, ports: StorePorts): Store {
  return new CachingStore({
    ...ports,
    cache: new Cache(options.folder),
    quotaBytes: options.quotaBytes,
    connections: options.connections ?? CONNECTIONS,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    attempts: options.attempts ?? ATTEMPTS,
    offline: options.offline ?? false,
    environment: options.environment,
  });
}

class CachingStore implements Store {
  readonly #setting: Setting;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  async hold(wanted: Wanted, asking: Asking = {}): Promise<Held> {
    const reference = parseReference(wanted.uri);
    if (!reference.ok) throw failure('uri_invalid', reference.error);
    asking.signal?.throwIfAborted();
    const plain = plainHttpProblem(reference.value, wanted.digest);
    if (plain !== undefined) throw failure('policy_refused', { uri: redacted(wanted.uri), ...plain });
    const one = asked(wanted, reference.value, redacted(wanted.uri), asking);
    const place = await localPlace(this.#setting, one);
    const published = place === undefined ? undefined : await holdPublished(this.#setting, one, place);
    if (published !== undefined) return published;
    this.#setting.admission.beforeListing(wanted, reference.value);
    return place === undefined ? holdCached(this.#setting, one) : holdLocal(this.#setting, one, place);
  }

  list(): Promise<readonly Cached[]> {
    return listCache(this.#setting);
  }

  verify(digests?: readonly string[], asking: Asking = {}): Promise<readonly Damage[]> {
    return verifyCache(this.#setting, digests, asking);
  }

  prune(mostBytes: number, asking: Asking = {}): Promise<readonly Cached[]> {
    return pruneCache(this.#setting, mostBytes, asking);
  }
}
