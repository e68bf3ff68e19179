import { failure } from '#base';
import type { ModelIdentity } from '#spec';
import type { Models, Target } from '../protocols/port.ts';
import { shown } from '../tensors/shown.ts';
import { invalid, type ServedModel } from './signature.ts';

/** Where a version stands; only one that is ready is asked. */
export type ModelState = 'loading' | 'ready' | 'unloading' | 'unavailable';

/** One version of a model. */
export interface Entry<T extends ServedModel> {
  readonly identity: ModelIdentity;
  readonly state: ModelState;
  /** What answers, or answered until it was told to unload. */
  readonly served?: T;
  /** Why it is unavailable. */
  readonly reason?: string;
}

/** A name that clients may use in place of a version, so that another version can take its place unseen. */
export interface VersionLabel extends ModelIdentity {
  readonly label: string;
}

/** The models of one server, by name and version. */
export class Directory<T extends ServedModel> implements Models {
  #entries: readonly Entry<T>[];
  readonly labels: readonly VersionLabel[];
  /** Loaded when the server started, and not ready yet. */
  #awaited: readonly ModelIdentity[];
  #generation = 0;
  #leaving = false;

  constructor(identities: readonly ModelIdentity[], labels: readonly VersionLabel[] = []) {
    this.#entries = identities.map(identity => ({ identity, state: 'loading' }));
    this.#awaited = identities;
    this.labels = labels;
  }

  /** Another number after each change. */
  get generation(): number {
    return this.#generation;
  }

  /** These are being loaded, beside what is ready of their name; what was of no use to it is forgotten. */
  loading(name: string, wanted: readonly ModelIdentity[]): void {
    const kept = this.#entries.filter(
      ({ identity, state }) => identity.name === name && (state === 'ready' || state === 'unloading'),
    );
    const isReady = (one: ModelIdentity): boolean =>
      kept.some(({ identity, state }) => state === 'ready' && same(identity, one));
    const fresh = wanted.filter(one => !isReady(one));
    this.#rewrite(name, [
      ...kept.filter(({ identity }) => !fresh.some(one => same(identity, one))),
      ...fresh.map(one => ({ identity: identityOf(one), state: 'loading' as const })),
    ]);
  }

  /** What was to be loaded failed to; what there is of its name goes on. */
  failed(wanted: ModelIdentity, reason: string): void {
    const entry = this.#entries.find(({ identity }) => same(identity, wanted));
    if (entry?.state === 'loading') this.#put({ identity: entry.identity, state: 'unavailable', reason });
  }

  /** Marks a model as ready to answer, beside others of its name. */
  serve(served: T): void {
    this.#put({ identity: identityOf(served), state: 'ready', served });
    this.#awaited = this.#awaited.filter(identity => !same(identity, served));
  }

  /** From now on these answer to a name, and nothing else does. Gives those that did, to be closed. */
  replace(name: string, models: readonly T[]): T[] {
    const before = this.running().filter(served => served.name === name);
    const leaving = before.filter(old => !models.some(served => same(old, served)));
    this.#rewrite(name, [
      ...models.map(served => ({ identity: identityOf(served), state: 'ready' as const, served })),
      ...leaving.map(served => ({ identity: identityOf(served), state: 'unloading' as const, served })),
    ]);
    return before;
  }

  /** A model that was replaced is closed. */
  gone(old: T): void {
    const entry = this.#entries.find(({ served }) => served === old);
    if (entry?.state === 'unloading')
      this.#put({ identity: entry.identity, state: 'unavailable', reason: 'unloaded' });
  }

  /**
   * Whether every model that the server started with was ready once, and it is not about to leave. What is loaded later is
   * ready or not by itself: the others must not be taken out of service for it.
   */
  ready(): boolean {
    return this.#awaited.length === 0 && !this.#leaving;
  }

  /** The server is about to leave: its models answer, but nobody should come for them any more. */
  leave(): void {
    this.#leaving = true;
  }

  /** Every model that is ready. */
  running(): T[] {
    return this.#entries.flatMap(({ state, served }) =>
      state === 'ready' && served !== undefined ? [served] : [],
    );
  }

  /** Every version there is or was. */
  entries(): readonly Entry<T>[] {
    return this.#entries;
  }

  versions(name: string): { version: string; ready: boolean }[] {
    return this.#present(name).map(({ identity, state }) => ({
      version: identity.version,
      ready: state === 'ready',
    }));
  }

  find(target: Target): T {
    return this.served(this.identify(target));
  }

  /** Which model a target means: of several versions the latest that is ready. Throws what says that there is none. */
  identify(target: Target): ModelIdentity {
    const name = target.name ?? this.#onlyName();
    if (target.label !== undefined) return this.#labelled(name, target.label);
    const named = this.#present(name);
    if (named.length === 0) throw failure('model_unknown', { name: shown(name) });
    const { version } = target;
    const matching =
      version === undefined ? named : named.filter(({ identity }) => identity.version === version);
    const order = matching.toSorted((a, b) => compareVersions(b.identity.version, a.identity.version));
    const [latest] = order;
    if (latest === undefined) throw failure('version_unknown', { name, version: shown(String(version)) });
    return (order.find(({ state }) => state === 'ready') ?? latest).identity;
  }

  /** The model of an identity. Throws `model_not_ready`. */
  served(wanted: ModelIdentity): T {
    const model = this.readyOf(wanted);
    if (model !== undefined) return model;
    throw failure('model_not_ready', identityOf(wanted));
  }

  /** The model of an identity, if it is ready. */
  readyOf(wanted: ModelIdentity): T | undefined {
    const entry = this.#entries.find(({ identity }) => same(identity, wanted));
    return entry?.state === 'ready' ? entry.served : undefined;
  }

  /** Versions of a name that are, or will be, ready: what was unloaded is as if it had never been there. */
  #present(name: string): readonly Entry<T>[] {
    return this.#entries.filter(
      ({ identity, state }) => identity.name === name && (state === 'ready' || state === 'loading'),
    );
  }

  /** Puts these in the place of all that there is of a name. */
  #rewrite(name: string, entries: readonly Entry<T>[]): void {
    const place = this.#entries.findIndex(({ identity }) => identity.name === name);
    const others = this.#entries.filter(({ identity }) => identity.name !== name);
    this.#entries = others.toSpliced(place === -1 ? others.length : place, 0, ...entries);
    this.#generation++;
  }

  #put(entry: Entry<T>): void {
    const index = this.#entries.findIndex(({ identity }) => same(identity, entry.identity));
    this.#entries = index === -1 ? [...this.#entries, entry] : this.#entries.with(index, entry);
    this.#generation++;
  }

  #labelled(name: string, label: string): ModelIdentity {
    const found = this.labels.find(one => one.name === name && one.label === label);
    if (found === undefined) throw invalid(`Unrecognized servable version label: ${shown(label)}`, ['path']);
    return this.identify({ name, version: found.version });
  }

  #onlyName(): string {
    const names = [...new Set(this.#entries.map(({ identity }) => identity.name))];
    const [only = '', second] = names;
    if (second === undefined) return only;
    const problem = `this server has the models ${names.join(', ')}; use /models/NAME/predict`;
    throw failure('input_invalid', { problem, at: ['path'] });
  }
}

function identityOf({ name, version }: ModelIdentity): ModelIdentity {
  return { name, version };
}

function same(a: ModelIdentity, b: ModelIdentity): boolean {
  return a.name === b.name && a.version === b.version;
}

/** Numbers by value, before anything else by text; so 10 is after 9, and numbered versions are after named ones. */
export function compareVersions(a: string, b: string): number {
  const [aNumber, bNumber] = [a, b].map(text => (/^\d+$/.test(text) ? BigInt(text) : undefined));
  if (aNumber !== undefined && bNumber !== undefined)
    return aNumber < bNumber ? -1 : aNumber > bNumber ? 1 : 0;
  if (aNumber !== undefined) return 1;
  if (bNumber !== undefined) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
