/** Where models are looked for: on this machine as they lie there, and through the store for all others. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { failure } from '#base';
import type { Policy } from '#spec';
import { type Asking, type Held, parseReference, type Store, type Wanted } from '#store';

export interface ModelStore {
  /**
   * Brings a model here. What lies on this machine, of which nothing is pinned and no policy speaks, is only named: nothing is
   * read of it, and nothing loaded that could fetch. Throws what `Store.hold` throws.
   */
  hold(wanted: Wanted): Promise<Held>;
  /** The store itself; opened when it is first asked for. */
  store(): Promise<Store>;
}

/** One process' stores: they share the cache, and differ in what they let in. */
export interface ModelStores {
  /** By the policy of a service beside that of the machine. */
  under(policy: Policy | undefined): ModelStore;
}

export interface ModelStoreOptions {
  readonly open: () => Promise<Store>;
  /** Whether a policy speaks of every model, those of this machine too. */
  readonly isGuarded: boolean;
  /** The folder of the cache: what lies there is leased. */
  readonly cache: string;
  readonly asking?: Asking;
}

export function modelStore({ open, isGuarded, cache, asking }: ModelStoreOptions): ModelStore {
  let opened: Promise<Store> | undefined;
  const store = (): Promise<Store> => {
    opened ??= open();
    return opened;
  };
  return {
    store,
    async hold(wanted) {
      const path = isGuarded ? undefined : plainPath(wanted);
      if (path === undefined || isWithin(cache, path)) return (await store()).hold(wanted, asking);
      return here(wanted.uri, path);
    },
  };
}

/** For what lies on this machine, whatever a policy says of it. */
export const justPaths: ModelStore = {
  store: () => Promise.reject(failure('internal', { problem: 'nothing is fetched here' })),
  hold: async wanted => here(wanted.uri, plainPath({ uri: wanted.uri, base: wanted.base }) ?? ''),
};

function here(uri: string, path: string): Held {
  return { uri, root: path, spoken: path, fetched: 0, release: () => undefined };
}

/** The absolute path of what is only read where it lies; undefined where the store has something to do. Throws `uri_invalid`. */
function plainPath({ uri, base, digest, include, exclude }: Wanted): string | undefined {
  const reference = parseReference(uri);
  if (!reference.ok) throw failure('uri_invalid', reference.error);
  if (reference.value.scheme !== 'file' || (digest ?? include ?? exclude) !== undefined) return undefined;
  return resolve(base, reference.value.path);
}

function isWithin(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Whether a URI leads to another place than a path. Throws `uri_invalid`. */
export function isElsewhere(uri: string): boolean {
  const reference = parseReference(uri);
  if (!reference.ok) throw failure('uri_invalid', reference.error);
  return reference.value.scheme !== 'file';
}

/** The folder of the cache: FAIRLEAD_CACHE, or below that of the user's caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return resolve(environment['FAIRLEAD_CACHE'] ?? join(userCaches(environment), 'models'));
}

/** The folder of this user's caches of fairlead. */
export function userCaches({ XDG_CACHE_HOME: caches }: NodeJS.ProcessEnv): string {
  return join(caches ?? join(home(), '.cache'), 'fairlead');
}

/** In a container a user may be a number alone, whom nothing says a folder of. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
