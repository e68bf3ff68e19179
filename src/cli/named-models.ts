import { stat } from 'node:fs/promises';
import { failure } from '#base';
import type { ModelToServe } from '#server';
import { resolveModel } from '#store';
import { label } from './flags.ts';

/** What is said of a model beside its place. */
export interface Naming {
  readonly name?: string;
  readonly modelVersion?: string;
}

interface Asked extends Naming {
  readonly uri: string;
}

/** The models asked for, and where each name leads whenever it is asked. */
export interface NamedModels {
  readonly models: readonly ModelToServe[];
  /** Every version of a name as it lies now. Throws what `resolveModel` throws. */
  readonly resolve: (name: string) => Promise<readonly ModelToServe[]>;
}

/**
 * The models asked for: arguments, or `MODEL_PATH` where there are none, as a hand-written server would take it. Throws
 * `usage_invalid`, and what `resolveModel` throws.
 */
export async function namedModels(models: readonly string[], naming: Naming): Promise<NamedModels> {
  const list = await askedModels(models, naming);
  const found = distinct(await Promise.all(list.map(identify)));
  const resolve: NamedModels['resolve'] = async name => {
    const again = list.filter((_, index) => found[index]?.name === name);
    return distinct(await Promise.all(again.map(one => identify({ ...one, name }))));
  };
  return { models: found, resolve };
}

async function askedModels(models: readonly string[], naming: Naming): Promise<Asked[]> {
  const fromEnvironment = process.env['MODEL_PATH'];
  if (models.length === 0 && fromEnvironment !== undefined) return [{ uri: fromEnvironment, ...naming }];
  if (models.length === 0 || models.includes(''))
    throw failure('usage_invalid', { problem: 'no model is named: give MODEL or set MODEL_PATH' });
  if (models.length > 1 && naming.name !== undefined)
    throw failure('usage_invalid', {
      problem: '--name names one model, but several are given; write NAME=PATH',
    });
  return Promise.all(models.map(async one => ({ ...naming, ...(await asked(one)) })));
}

function distinct(models: readonly ModelToServe[]): readonly ModelToServe[] {
  const same = models.find((one, index) =>
    models.slice(0, index).some(other => other.name === one.name && other.version === one.version),
  );
  if (same === undefined) return models;
  throw failure('usage_invalid', {
    problem: `two models are both '${same.name}' version ${same.version}; write NAME=PATH`,
  });
}

/** `NAME=PATH`, unless there is a file or folder of just that name: `v=1/model.onnx`. */
async function asked(argument: string): Promise<Asked> {
  const [, name, uri] = /^([A-Za-z0-9][-._A-Za-z0-9]*)=(.+)$/.exec(argument) ?? [];
  if (name === undefined || uri === undefined || (await isThere(argument))) return { uri: argument };
  return { name, uri };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function identify({ uri, name, modelVersion }: Asked): Promise<ModelToServe> {
  const found = await resolveModel(uri, process.cwd());
  const version = modelVersion ?? found.version ?? found.digest.replace('sha256:', '').slice(0, 8);
  return {
    path: found.path,
    name: label('name', name ?? found.name),
    version: label('model-version', version),
  };
}
