import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError, failure, messageOf } from '#base';
import { type Arm, armsOf, describeIssue, type ModelService, type ModelSource, parse } from '#spec';
import { identityFromPath, parseReference, type Resolved, resolveModel } from '#store';

/** What `up` was given, read. */
export interface Loaded {
  readonly service: ModelService;
  readonly arms: readonly Arm[];
  /** The file to watch, and what it said; undefined when a bare model was given. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** A request that the service's author wrote beside the file. */
  readonly sample: string | undefined;
}

const FILE_NAMES = ['fairlead.yaml', 'fairlead.yml'];

/** Reads a service file, a folder with one, or a bare model, and resolves its models. */
export async function loadService(given: string): Promise<Loaded> {
  const path = await serviceFile(given);
  return path === undefined ? bareModel(given) : loadFile(path, await readText(path));
}

/** A service file's text, checked, with its models resolved. Throws `spec_invalid`. */
export async function loadFile(path: string, text: string): Promise<Loaded> {
  const service = checked(path, parse(text));
  const arms = await resolveArms(service, path);
  const sample = await readFile(join(dirname(path), 'request.json'), 'utf8').catch(() => undefined);
  return { service, arms, file: { path, text }, sample };
}

/** The text of a service file. Throws `file_unreadable`. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}

async function serviceFile(given: string): Promise<string | undefined> {
  const reference = parseReference(given);
  if (!reference.ok) throw failure('uri_unsupported', reference.error);
  const { path } = reference.value;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw failure('file_missing', { path, purpose: 'a service file or model' });
  if (!found.isDirectory()) return /\.(ya?ml|json)$/i.test(path) ? resolve(path) : undefined;
  for (const name of FILE_NAMES) {
    const candidate = join(resolve(path), name);
    if ((await stat(candidate).catch(() => undefined))?.isFile()) return candidate;
  }
  return undefined;
}

function checked(file: string, result: ReturnType<typeof parse>): ModelService {
  if (result.ok) return result.value;
  throw failure('spec_invalid', { file, issues: result.error.map(describeIssue) });
}

async function resolveArms(service: ModelService, file: string): Promise<readonly Arm[]> {
  const { model, candidate } = service.spec;
  const stable = await resolveSource(model, file, 'spec.model.uri');
  if (candidate === undefined) return armsOf(service, { stable });
  const arms = armsOf(service, {
    stable,
    candidate: await resolveSource(candidate.model, file, 'spec.candidate.model.uri'),
  });
  const [first, second] = arms;
  if (first?.revision.name !== second?.revision.name) return arms;
  throw failure('spec_invalid', {
    file,
    issues: ['spec.candidate.model is the same model as spec.model: nothing to compare'],
  });
}

/** A model's fault names the place in the file that asked for it. */
async function resolveSource({ uri }: ModelSource, file: string, path: string): Promise<Resolved> {
  try {
    return await resolveModel(uri, dirname(file));
  } catch (error: unknown) {
    if (!(error instanceof AppError)) throw error;
    throw failure('spec_invalid', { file, issues: [`${path}: ${error.message}`] }, error);
  }
}

/** A service around a model, as the smallest file would describe it. */
async function bareModel(path: string): Promise<Loaded> {
  const resolved = await resolveModel(path, process.cwd());
  const name = serviceName(identityFromPath(resolved.path).name);
  const service = checked(
    path,
    parse(JSON.stringify({ kind: 'ModelService', metadata: { name }, spec: { model: { uri: path } } })),
  );
  return { service, arms: armsOf(service, { stable: resolved }), file: undefined, sample: undefined };
}

function serviceName(model: string): string {
  const name = model
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return name === '' ? 'model' : name;
}
