import { dirname } from 'node:path';
import { AppError, asAppError, type Logger } from '#base';
import {
  explainJson,
  explainModels,
  isBroken,
  type ModelSettings,
  type ScannedModel,
  usualSettings,
} from '#server';
import { foreignKind, type ModelService } from '#spec';
import { type Asked, askedModels } from '../asked-models.ts';
import { type Explained, explainAsked, explainService } from '../explanation.ts';
import { oneOf, wrong } from '../flags.ts';
import { foreignJson, foreignText } from '../foreign-explanation.ts';
import type { ModelStores } from '../model-store.ts';
import { namedModels } from '../named-models.ts';
import { placeNotes } from '../place-notes.ts';
import { tellTerminal } from '../pulls.ts';
import { readText } from '../read-text.ts';
import { findServiceFile, loadFile, readService } from '../service-file.ts';
import { modelStores } from '../stores.ts';
import { Terminal } from '../terminal.ts';

export interface ExplainFlags {
  readonly output: string;
  readonly versions?: string;
  readonly policy?: string;
}

/** Prints what would be served, and how; exits with 1 when some of it cannot be. */
export async function explain(paths: readonly string[], flags: ExplainFlags): Promise<void> {
  const output = oneOf('output', flags.output, ['text', 'json'] as const);
  const terminal = new Terminal(process.stderr);
  const stores = await modelStores(flags, { logger: silent, tell: tellTerminal(terminal) });
  const file = await serviceFileOf(paths);
  if (file !== undefined && (await isForeign(file))) return explainForeign(file, stores, output);
  const found = file === undefined ? await ofPaths(paths, stores, flags) : await ofFile(file, stores, flags);
  process.stdout.write(output === 'json' ? json(found) : text(found));
  if (found.arms.some(({ models }) => models.some(isBroken))) process.exitCode = 1;
  else
    await unlessNo(async () =>
      file === undefined ? checkTogether(paths, stores, flags) : loadWhole(file, stores),
    );
}

/** What would be said of models that are left out is said where they are served. */
const silent: Logger = { enabled: () => false, log: () => undefined };

async function isForeign(file: string): Promise<boolean> {
  return foreignKind((await readService(file)).spec.runtime) !== undefined;
}

async function explainForeign(file: string, stores: ModelStores, output: 'text' | 'json'): Promise<void> {
  const loaded = await unlessNo(async () => loadFile(file, await readText(file), stores));
  process.stdout.write(output === 'json' ? foreignJson(loaded) : foreignText(loaded));
}

/** What only shows when all of it is there: labels of versions that are not served, or one version twice. */
async function loadWhole(file: string, stores: ModelStores): Promise<void> {
  await loadFile(file, await readText(file), stores);
}

/** As `serve` would take them. */
async function checkTogether(
  paths: readonly string[],
  stores: ModelStores,
  flags: ExplainFlags,
): Promise<void> {
  if (paths.length === 1) return;
  await namedModels(await askedOf(paths, flags), {
    usual: usualSettings,
    shares: new Map(),
    labels: [],
    logger: silent,
    store: stores.under(undefined),
  });
}

/**
 * The service file that was named, if that is one. One of several arguments would be taken for a model by its path; so it is
 * refused.
 */
async function serviceFileOf(paths: readonly string[]): Promise<string | undefined> {
  const files = await Promise.all(paths.map(findServiceFileIn));
  const file = files.find(one => one !== undefined);
  if (file === undefined || paths.length === 1) return file;
  throw wrong(`${file} is a service file, which is explained alone`);
}

/** What is not there may still be a model by another name, `NAME=PATH`; who looks for that tells what is missing. */
async function findServiceFileIn(path: string): Promise<string | undefined> {
  try {
    return await findServiceFile(path);
  } catch (error: unknown) {
    if (asAppError(error).code !== 'file_missing' || !path.includes('=')) throw error;
    return undefined;
  }
}

interface All {
  /** Of a service file. */
  readonly service?: ModelService;
  readonly arms: readonly Explained[];
}

async function ofFile(file: string, stores: ModelStores, { versions }: ExplainFlags): Promise<All> {
  if (versions !== undefined) throw wrong('--versions is for models; a service file has its own');
  const service = await readService(file);
  return { service, arms: await unlessNo(() => armsOf(service, file, stores)) };
}

/** What keeps a service from being explained is told as `up` tells it, where that fails too. */
async function armsOf(
  service: ModelService,
  file: string,
  stores: ModelStores,
): Promise<readonly Explained[]> {
  try {
    return await explainService(service, dirname(file), stores.under(service.spec.policy));
  } catch (error: unknown) {
    await loadWhole(file, stores);
    throw error;
  }
}

function askedOf(paths: readonly string[], { versions }: ExplainFlags): Promise<readonly Asked[]> {
  return askedModels(paths, versions === undefined ? {} : { versions });
}

async function ofPaths(paths: readonly string[], stores: ModelStores, flags: ExplainFlags): Promise<All> {
  const asked = await askedOf(paths, flags);
  const store = stores.under(undefined);
  return { arms: [{ title: '', models: await unlessNo(() => explainAsked(asked, usualSettings, store)) }] };
}

/** What cannot be served at all is an answer too, and it is no. */
async function unlessNo<T>(find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error: unknown) {
    const told = asAppError(error);
    if (told.code === 'internal' || told.code === 'usage_invalid') throw error;
    throw new CannotServe(told);
  }
}

/** The same error, with the exit code of an answer that is no. */
class CannotServe extends AppError {
  constructor(error: AppError) {
    super(error.code, error.message, error.facts, error);
  }

  override get exit(): 1 {
    return 1;
  }
}

function text({ service, arms }: All): string {
  const parts = arms.map(({ title, models }) => {
    const told = explainModels(models, usualSettings);
    return title === '' ? told : `${service?.metadata.name} ${title}\n\n${told}`;
  });
  const notes = service === undefined ? [] : placeNotes(service).map(note => `! ${note}\n`);
  return `${[...parts, ...(notes.length > 0 ? [notes.join('')] : [])].join('\n')}\nWhat is not shown is as usual: ${usualText(usualSettings)}.\n`;
}

function usualText(settings: ModelSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}

function json({ service, arms }: All): string {
  const whole = (models: readonly ScannedModel[]): object => explainJson(models, usualSettings) as object;
  const told =
    service === undefined
      ? { ...whole(arms[0]?.models ?? []), usual: usualSettings }
      : {
          service: service.metadata.name,
          arms: arms.map(({ title, models }) => ({ title, ...whole(models) })),
          notes: placeNotes(service),
          usual: usualSettings,
        };
  return `${JSON.stringify(told, null, 2)}\n`;
}
