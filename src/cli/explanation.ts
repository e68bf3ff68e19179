/** What would be served, and how, from a service file or from what `serve` takes. */
import { basename } from 'node:path';
import {
  headerOf,
  isBroken,
  type LeftVersion,
  type ModelSettings,
  type Origin,
  type RepositoryModel,
  type ScannedModel,
  usualSettings,
} from '#server';
import { type ModelService, milliseconds, type PythonOptions, type Served, serversHere } from '#spec';
import type { Asked } from './asked-models.ts';
import { settingsOfEntry } from './entry-settings.ts';
import { finderOf } from './finder.ts';
import type { ModelStore } from './model-store.ts';

/** One arm of a service, or all that was named without one. */
export interface Explained {
  /** `stable 90 %, 1 server`; empty without a service. */
  readonly title: string;
  readonly models: readonly ScannedModel[];
}

/** What each thing that was asked for leads to. Throws what says that it leads nowhere. */
export async function explainAsked(
  asked: readonly Asked[],
  usual: ModelSettings,
  store: ModelStore,
): Promise<readonly ScannedModel[]> {
  const finders = await Promise.all(asked.map(one => finderOf(one, usual, store)));
  const found = (await Promise.all(finders.map(finder => finder.find()))).flat();
  const checked: ScannedModel[] = [];
  for (const model of found) checked.push(isBroken(model) ? model : await withoutInvalid(model));
  return checked;
}

/** A file that is no model lies there like one, until it is read. */
async function withoutInvalid(model: RepositoryModel): Promise<ScannedModel> {
  const invalid: LeftVersion[] = [];
  for (const { version, path, python } of model.versions) {
    // Whether it can be loaded only its own library knows.
    if (python !== undefined) continue;
    const header = await headerOf(path);
    if (!header.ok) invalid.push({ version, why: `${basename(path)} ${header.error}` });
  }
  const versions = model.versions.filter(one => invalid.every(({ version }) => version !== one.version));
  if (versions.length > 0) return { ...model, versions, left: [...model.left, ...invalid] };
  const problem = invalid.map(({ version, why }) => `version ${version}: ${why}`).join('; ');
  return { name: model.name, problem };
}

/** The arms of a service; its relative paths start at `base`. Throws as `explainAsked` does. */
export async function explainService(
  { metadata, spec }: ModelService,
  base: string,
  store: ModelStore,
): Promise<readonly Explained[]> {
  const { candidate } = spec;
  const explain = async (served: Served, path: string): Promise<readonly ScannedModel[]> => {
    const { python } = spec.runtime;
    const asked = askedOf(served, { base, path, service: metadata.name, python });
    const own = serverSettings(spec);
    const found = await explainAsked(asked, { ...usualSettings, ...own.settings }, store);
    return found.map(model => (isBroken(model) ? model : withServer(model, own)));
  };
  const rest = 100 - (candidate?.weight ?? 0);
  const stable = { title: title('stable', rest, serversHere(spec)), models: await explain(spec, 'spec') };
  if (candidate === undefined) return [stable];
  const models = await explain(candidate, 'spec.candidate');
  return [stable, { title: title('candidate', candidate.weight, candidate.replicas), models }];
}

export function title(role: string, weight: number, replicas: number): string {
  return `${role}: ${weight} % of requests, ${replicas} ${replicas === 1 ? 'server' : 'servers'}`;
}

interface Where {
  readonly base: string;
  readonly path: string;
  readonly service: string;
  readonly python: PythonOptions | undefined;
}

function askedOf(
  { model, models, repository }: Served,
  { base, path, service, python: usualPython }: Where,
): Asked[] {
  const usual = { base, usualPython };
  if (repository !== undefined) return [{ ...repository, ...usual, from: `${path}.repository` }];
  if (model !== undefined)
    return [{ ...model, name: model.name ?? service, ...usual, isAlone: true, from: `${path}.model` }];
  return (models ?? []).map((one, at) => ({ ...one, ...usual, from: `${path}.models[${at}]` }));
}

interface ServerSettings {
  readonly settings: Partial<ModelSettings>;
  readonly origins: readonly Origin[];
}

/** What a file says of all the models of its servers. */
function serverSettings({ server, runtime }: ModelService['spec']): ServerSettings {
  const settings = {
    deadlineMs: milliseconds(server.limits.requestTime),
    ...settingsOfEntry({ ...server, runtime }, usualSettings),
  };
  const deadline = server.deadline === undefined ? 'limits.requestTime' : 'deadline';
  const fields: Readonly<Partial<Record<keyof ModelSettings, string>>> = {
    maxRows: 'spec.server.batching.maxRows',
    maxDelayMs: 'spec.server.batching.maxDelay',
    deadlineMs: `spec.server.${deadline}`,
    queue: 'spec.server.queue',
    priorities: 'spec.server.priorities',
    threads: 'spec.runtime.onnx.threads',
    instances: 'spec.runtime.onnx.instances',
    place: 'spec.runtime.onnx.place',
    provider: 'spec.runtime.onnx.provider',
  };
  const origins = (Object.entries(fields) as [keyof ModelSettings, string][]).map(([setting, field]) => ({
    setting,
    field,
  }));
  return { settings, origins };
}

/** What is said of ONNX for all models is none of those that Python runs. */
const ofOnnx = ['threads', 'instances', 'place', 'provider'] as const;

/** A model's own settings stand before those of its server. */
function withServer(model: RepositoryModel, server: ServerSettings): RepositoryModel {
  const own = new Set(model.origins.map(({ setting }) => setting));
  const isPythons = model.versions.some(({ python }) => python !== undefined);
  const hidden: ReadonlySet<string> = new Set([...own, ...(isPythons ? ofOnnx : [])]);
  const settings = Object.fromEntries(Object.entries(server.settings).filter(([name]) => !hidden.has(name)));
  return {
    ...model,
    versions: model.versions.map(one => ({ ...one, settings: { ...settings, ...one.settings } })),
    origins: [...model.origins, ...server.origins.filter(({ setting }) => !hidden.has(setting))],
  };
}
