import { failure } from '#base';
import type { ModelIdentity } from '#spec';
import type { Models, Target } from '../protocols/port.ts';
import { shown } from '../tensors/shown.ts';
import { invalid, type ServedModel } from './signature.ts';
import { answers, arrange, type Entry, type VersionLabel, type Versions } from './versions.ts';

export { compareVersions, type Entry, type VersionLabel } from './versions.ts';

/** Names that a message lists, at most. */
const MOST_NAMES = 20;

/** The models of one server, by name and version. */
export class Directory<T extends ServedModel> implements Models {
  /** Changed by loads and unloads only. */
  readonly #names = new Map<string, Versions<T>>();
  /** Loaded when the server started, and not ready yet. */
  #awaited: readonly ModelIdentity[] = [];
  #generation = 0;
  #leaving = false;
  /** Told of a cold version that was looked for by something that does not wait. */
  onCold: ((wanted: ModelIdentity) => void) | undefined;

  /** What the server has from the start: loaded next, or, if they may be `cold`, when they are asked for. */
  constructor(
    identities: readonly ModelIdentity[],
    labels: readonly VersionLabel[] = [],
    state: 'loading' | 'cold' = 'loading',
  ) {
    for (const [name, ones] of Map.groupBy(identities, one => one.name)) {
      const entries = ones.map(one => ({ identity: identityOf(one), state }));
      const wanted = labels.filter(label => label.name === name);
      this.#names.set(name, arrange<T>(entries, wanted, new Map()));
    }
    if (state === 'loading') this.#awaited = identities;
  }

  /** Another number after each change. */
  get generation(): number {
    return this.#generation;
  }

  /** What each label stands for now. */
  get labels(): readonly VersionLabel[] {
    return [...this.#names].flatMap(([name, { labels }]) =>
      Array.from(labels, ([label, version]) => ({ name, version, label })),
    );
  }

  /** These are being loaded, beside what answers of their name; what was of no use to it is forgotten. */
  loading(name: string, wanted: readonly ModelIdentity[]): void {
    const kept = this.#of(name).entries.filter(
      entry => answers(entry) || entry.state === 'cold' || entry.state === 'unloading',
    );
    const isThere = (one: ModelIdentity): boolean =>
      kept.some(({ identity, state }) => state !== 'unloading' && same(identity, one));
    const fresh = wanted.filter(one => !isThere(one));
    this.#write(name, [
      ...kept.filter(({ identity }) => !fresh.some(one => same(identity, one))),
      ...fresh.map(one => ({ identity: identityOf(one), state: 'loading' as const })),
    ]);
  }

  /** What was to be loaded failed to; what there is of its name goes on. */
  failed(wanted: ModelIdentity, reason: string): void {
    const entry = this.#entry(wanted);
    if (entry?.state === 'loading') this.#put({ identity: entry.identity, state: 'unavailable', reason });
    if (entry?.state === 'waking') this.#put({ identity: entry.identity, state: 'cold', reason });
  }

  /** One that was waking is as cold as before, through no fault of its own. */
  asleep(wanted: ModelIdentity): void {
    const entry = this.#entry(wanted);
    if (entry?.state === 'waking') this.#put({ identity: entry.identity, state: 'cold' });
  }

  /** One that is cold begins to load. */
  waking(wanted: ModelIdentity): void {
    const entry = this.#entry(wanted);
    if (entry?.state === 'cold') this.#put({ identity: entry.identity, state: 'waking' });
  }

  /** One that was ready is out of memory, and loaded again when it is asked for. */
  chill(old: T): void {
    const entry = this.#entry(old);
    if (entry?.served === old) this.#put({ identity: entry.identity, state: 'cold' });
  }

  /** Marks a model as ready to answer, beside others of its name. */
  serve(served: T): void {
    this.#put({ identity: identityOf(served), state: 'ready', served });
    this.#awaited = this.#awaited.filter(identity => !same(identity, served));
  }

  /**
   * From now on these answer to a name, and those that are cold when they are asked for; nothing else does. Gives what
   * answered and does no longer, to be closed.
   */
  replace(name: string, models: readonly T[], cold: readonly ModelIdentity[] = []): T[] {
    const { entries } = this.#of(name);
    const leaving = servedBy(entries).filter(old => !models.includes(old));
    const staying = [...models, ...cold];
    const shownLeaving = leaving.filter(old => !staying.some(one => same(old, one)));
    this.#write(name, [
      ...models.map(served => ({ identity: identityOf(served), state: 'ready' as const, served })),
      ...cold.map(one => this.#coldEntry(one)),
      ...shownLeaving.map(served => ({ identity: identityOf(served), state: 'unloading' as const, served })),
    ]);
    return leaving;
  }

  /** These labels a name is to have, and no others. Each stands for its version as soon as that answers. */
  relabel(name: string, labels: readonly VersionLabel[]): void {
    const { entries, labels: before } = this.#of(name);
    this.#names.set(name, arrange(entries, labels, before));
    this.#generation++;
  }

  /** A model that was replaced is closed. */
  gone(old: T): void {
    const entry = this.#of(old.name).entries.find(({ served }) => served === old);
    if (entry?.state === 'unloading')
      this.#put({ identity: entry.identity, state: 'unavailable', reason: 'unloaded' });
  }

  /** Whether there are models of more than one name. */
  get several(): boolean {
    return this.#names.size > 1;
  }

  /** Whether there is, or was, a model of this name. */
  knows(name: string): boolean {
    return this.#names.has(name);
  }

  /** A name of which nothing is left is no longer told of. */
  forget(name: string): void {
    const { entries } = this.#of(name);
    if (entries.some(({ state }) => state !== 'unavailable')) return;
    this.#names.delete(name);
    this.#generation++;
  }

  /**
   * Whether every model that the server started with was ready once, and it is not about to leave. What is loaded later is
   * ready or not by itself, and so is one whose threads do not live: the others must not be taken out of service for it.
   */
  ready(): boolean {
    return this.#awaited.length === 0 && !this.#leaving && !this.#isHopeless();
  }

  /** Whether there are models, and none of them answers to anything. */
  #isHopeless(): boolean {
    const running = this.running();
    return running.length > 0 && running.every(isHopeless);
  }

  /** The server is about to leave: its models answer, but nobody should come for them any more. */
  leave(): void {
    this.#leaving = true;
  }

  /** Every model that is ready, or those of one name. */
  running(name?: string): T[] {
    return servedBy(name === undefined ? this.entries() : this.#of(name).entries);
  }

  /** Every version there is or was. */
  entries(): readonly Entry<T>[] {
    return [...this.#names.values()].flatMap(({ entries }) => entries);
  }

  versions(name: string): { version: string; ready: boolean }[] {
    const { entries, present } = this.#of(name);
    return entries
      .filter(entry => present.includes(entry))
      .map(entry => ({ version: entry.identity.version, ready: answers(entry) }));
  }

  find(target: Target): T {
    return this.served(this.identify(target));
  }

  check(target: Target): void {
    const wanted = this.identify(target);
    const entry = this.#entry(wanted);
    if (entry === undefined || !answers(entry) || isHopeless(entry.served))
      throw failure('model_not_ready', identityOf(wanted));
  }

  /** Which model a target means: of several versions the latest that answers. Throws what says that there is none. */
  identify(target: Target): ModelIdentity {
    const name = target.name ?? this.#onlyName();
    const named = this.#names.get(name);
    const { version } = target.label === undefined ? target : labelled(named, target.label);
    if (named?.latest === undefined) throw failure('model_unknown', { name: shown(name) });
    if (version === undefined) return named.latest.identity;
    const found = named.present.find(({ identity }) => identity.version === version);
    if (found === undefined) throw failure('version_unknown', { name, version: shown(version) });
    return found.identity;
  }

  /** The model of an identity. Throws `model_not_ready`; one that is cold is then loaded, for who asks again. */
  served(wanted: ModelIdentity): T {
    const entry = this.#entry(wanted);
    if (entry?.state === 'ready' && entry.served !== undefined) return entry.served;
    if (entry?.state === 'cold') this.onCold?.(entry.identity);
    throw failure('model_not_ready', identityOf(wanted));
  }

  /** The model of an identity, if it is ready. */
  readyOf(wanted: ModelIdentity): T | undefined {
    const entry = this.#entry(wanted);
    return entry?.state === 'ready' ? entry.served : undefined;
  }

  #coldEntry(one: ModelIdentity): Entry<T> {
    const entry = this.#entry(one);
    return entry?.state === 'waking' ? entry : { identity: identityOf(one), state: 'cold' };
  }

  #entry(wanted: ModelIdentity): Entry<T> | undefined {
    return this.#names.get(wanted.name)?.entries.find(({ identity }) => same(identity, wanted));
  }

  #of(name: string): Versions<T> {
    return this.#names.get(name) ?? arrange<T>([], [], new Map());
  }

  #write(name: string, entries: readonly Entry<T>[]): void {
    const { wanted, labels } = this.#of(name);
    this.#names.set(name, arrange(entries, wanted, labels));
    this.#generation++;
  }

  #put(entry: Entry<T>): void {
    const { entries } = this.#of(entry.identity.name);
    const index = entries.findIndex(({ identity }) => same(identity, entry.identity));
    this.#write(entry.identity.name, index === -1 ? [...entries, entry] : entries.with(index, entry));
  }

  #onlyName(): string {
    const { size } = this.#names;
    if (size <= 1) return this.#names.keys().next().value ?? '';
    const names = Array.from(this.#names.keys()).slice(0, MOST_NAMES).join(', ');
    const more = size > MOST_NAMES ? ` and ${size - MOST_NAMES} more` : '';
    const problem = `this server has the models ${names}${more}; use /models/NAME/predict`;
    throw failure('input_invalid', { problem, at: ['path'] });
  }
}

function labelled(named: Versions<ServedModel> | undefined, label: string): { version: string } {
  const version = named?.labels.get(label);
  if (version !== undefined) return { version };
  throw invalid(`Unrecognized servable version label: ${shown(label)}`, ['path']);
}

function servedBy<T extends ServedModel>(entries: readonly Entry<T>[]): T[] {
  return entries.flatMap(({ state, served }) => (state === 'ready' && served !== undefined ? [served] : []));
}

function isHopeless(served: ServedModel | undefined): boolean {
  return served?.running?.hopeless === true;
}

function identityOf({ name, version }: ModelIdentity): ModelIdentity {
  return { name, version };
}

function same(a: ModelIdentity, b: ModelIdentity): boolean {
  return a.name === b.name && a.version === b.version;
}
