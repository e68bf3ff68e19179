import { failure } from '#base';
import type { ModelIdentity } from '#spec';
import type { Models, Target } from '../protocols/port.ts';
import { shown } from '../tensors/shown.ts';
import { invalid, type ServedModel } from './signature.ts';

/** One version of a model: loading until it has a `served`. */
export interface Entry<T extends ServedModel> {
  readonly identity: ModelIdentity;
  readonly served: T | undefined;
}

/** A name that clients may use in place of a version, so that another version can take its place unseen. */
export interface VersionLabel extends ModelIdentity {
  readonly label: string;
}

/** The models of one server, by name and version. */
export class Directory<T extends ServedModel> implements Models {
  readonly #entries: Entry<T>[];
  readonly #labels: readonly VersionLabel[];

  constructor(identities: readonly ModelIdentity[], labels: readonly VersionLabel[] = []) {
    this.#entries = identities.map(identity => ({ identity, served: undefined }));
    this.#labels = labels;
  }

  /** Marks a model as ready to answer. */
  serve(served: T): void {
    const index = this.#entries.findIndex(({ identity }) => same(identity, served));
    this.#entries[index] = { identity: { name: served.name, version: served.version }, served };
  }

  ready(): boolean {
    return this.#entries.every(({ served }) => served !== undefined);
  }

  /** Every model that is ready. */
  running(): T[] {
    return this.#entries.flatMap(({ served }) => (served === undefined ? [] : [served]));
  }

  versions(name: string): { version: string; ready: boolean }[] {
    const named = this.#entries.filter(({ identity }) => identity.name === name);
    return named.map(({ identity, served }) => ({ version: identity.version, ready: served !== undefined }));
  }

  find(target: Target): T {
    return this.served(this.identify(target));
  }

  /** Which model a target means: of several versions the latest that is ready. Throws what says that there is none. */
  identify(target: Target): ModelIdentity {
    const name = target.name ?? this.#onlyName();
    if (target.label !== undefined) return this.#labelled(name, target.label);
    const named = this.#entries.filter(({ identity }) => identity.name === name);
    if (named.length === 0) throw failure('model_unknown', { name: shown(name) });
    const { version } = target;
    const matching =
      version === undefined ? named : named.filter(({ identity }) => identity.version === version);
    const order = matching.toSorted((a, b) => compareVersions(b.identity.version, a.identity.version));
    const [latest] = order;
    if (latest === undefined) throw failure('version_unknown', { name, version: shown(String(version)) });
    return (order.find(({ served }) => served !== undefined) ?? latest).identity;
  }

  /** The model of an identity. Throws `model_not_ready`. */
  served(wanted: ModelIdentity): T {
    const entry = this.#entries.find(({ identity }) => same(identity, wanted));
    if (entry?.served === undefined) throw failure('model_not_ready', wanted);
    return entry.served;
  }

  #labelled(name: string, label: string): ModelIdentity {
    const found = this.#labels.find(one => one.name === name && one.label === label);
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
