import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError, failure } from '#base';
import {
  type Arm,
  type AskedUri,
  armsOf,
  describeIssue,
  type Found,
  foreignKind,
  labelsProblem,
  lengthProblem,
  type ModelService,
  namesProblem,
  numbersProblem,
  parse,
  pythonProblem,
  type Resolution,
  urisOf,
} from '#spec';
import { localPath, meantBy, redacted } from '#store';
import { anchored } from './anchored.ts';
import { wrong } from './flags.ts';
import { locateForeign } from './foreign-models.ts';
import { locate } from './found-models.ts';
import { isElsewhere, type ModelStore, type ModelStores } from './model-store.ts';
import { readText } from './read-text.ts';

/** What `up` was given, read. */
export interface Loaded {
  readonly service: ModelService;
  /** The same, its paths as they are written there. */
  readonly written: ModelService;
  readonly arms: readonly Arm[];
  readonly found: Resolution;
  /** The file to watch, and what it said; undefined when a bare model was given. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** A request that the service's author wrote beside the file. */
  readonly sample: string | undefined;
}

const FILE_NAMES = ['fairlead.yaml', 'fairlead.yml'];

/** Reads a service file, a folder with one, or a bare model, and resolves its models. */
export async function loadService(given: string, stores: ModelStores): Promise<Loaded> {
  const path = await findServiceFile(given);
  return path === undefined ? bareModel(given, stores) : loadFile(path, await readText(path), stores);
}

/** A service file's text, checked, with its models resolved. Throws `spec_invalid`. */
export async function loadFile(path: string, text: string, stores: ModelStores): Promise<Loaded> {
  const written = checked(path, parse(text));
  const service = anchored(written, dirname(path));
  const { arms, found } = await resolveArms(service, path, stores.under(service.spec.policy));
  const sample = await readFile(join(dirname(path), 'request.json'), 'utf8').catch(() => undefined);
  return { service, written, arms, found, file: { path, text }, sample };
}

/** A service file as it is written, and with its paths made absolute. */
export interface ReadFile {
  readonly path: string;
  readonly written: ModelService;
  readonly service: ModelService;
}

/** A service file, or a folder's; its models are not looked at. Throws `usage_invalid`, `spec_invalid` and `file_unreadable`. */
export async function readFileAt(given: string): Promise<ReadFile> {
  const path = await findServiceFile(given);
  if (path === undefined) throw wrong(`${given} is no service file, and no folder with a fairlead.yaml`);
  const written = checked(path, parse(await readText(path)));
  return { path, written, service: anchored(written, dirname(path)) };
}

/** A service file, checked, its models not looked at. Throws `spec_invalid` or `file_unreadable`. */
export async function readService(path: string): Promise<ModelService> {
  return anchored(checked(path, parse(await readText(path))), dirname(path));
}

/** The service file that is named, or lies in a folder; undefined for what is none. Throws `file_missing`. */
export async function findServiceFile(given: string): Promise<string | undefined> {
  if (isElsewhere(given)) return undefined;
  const path = localPath(given);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw failure('file_missing', { path, purpose: 'a service file or model', meant: meantBy(given, '.') });
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

async function resolveArms(
  service: ModelService,
  file: string,
  store: ModelStore,
): Promise<Pick<Loaded, 'arms' | 'found'>> {
  const { spec } = service;
  const source = { path: file, service, store };
  const stable = await resolveAll(urisOf(spec, 'spec', spec.runtime), source);
  const candidate =
    spec.candidate && (await resolveAll(urisOf(spec.candidate, 'spec.candidate', spec.runtime), source));
  const found = { stable, ...(candidate && { candidate }) };
  const arms = armsOf(service, found);
  for (const arm of arms) checkArm(arm, file);
  const stray = pythonProblem(arms.map(({ revision }) => revision));
  if (stray !== undefined) throw faulty(file, `spec.${stray}`);
  const [first, second] = arms;
  if (first?.revision.name !== second?.revision.name) return { arms, found };
  throw faulty(file, 'spec.candidate serves the same as spec: nothing to compare');
}

/** A service file with its settings, and where its models are looked for. */
interface Source extends Pick<ReadFile, 'path' | 'service'> {
  readonly store: ModelStore;
}

/** What each URI of an arm leads to. A model's fault names the place in the file that asked for it. */
async function resolveAll(all: readonly AskedUri[], source: Source): Promise<Found[]> {
  const found: Found[] = [];
  for (const asked of all) found.push(await resolveUri(asked, source));
  return found;
}

/** Throws `spec_invalid`, which names the place in the file that asked for the model. */
export async function resolveUri(asked: AskedUri, { path: file, service, store }: Source): Promise<Found> {
  const { path, uri } = asked;
  const kind = foreignKind(service.spec.runtime);
  try {
    if (kind !== undefined) return await locateForeign(kind, asked, dirname(file), store);
    const found = await locate(asked, dirname(file), store);
    if (!found.isRepository || path.endsWith('.repository')) return found;
  } catch (error: unknown) {
    if (!(error instanceof AppError)) throw error;
    throw failure('spec_invalid', { file, issues: issuesOf(error, path) }, error);
  }
  throw faulty(file, `${path}.uri: ${redacted(uri)} is a folder of models; name it as repository`);
}

/** What is wrong with how a model is to run names its own fields. */
function issuesOf({ code, facts, message }: AppError, path: string): string[] {
  const { issues } = facts;
  if (code === 'spec_invalid' && Array.isArray(issues))
    return issues.map(issue => `${path}.${String(issue)}`);
  return [`${path}.uri: ${message}`];
}

type Checked = Pick<Arm, 'role' | 'revision'>;

/** What only shows once models are found; of labels only where all of them are. Throws `spec_invalid`. */
export function checkArm({ role, revision }: Checked, file: string, isWhole = true): void {
  const path = role === 'stable' ? 'spec' : 'spec.candidate';
  const problems = [namesProblem, numbersProblem, lengthProblem, ...(isWhole ? [labelsProblem] : [])];
  const problem = problems.map(find => find(revision)).find(found => found !== undefined);
  if (problem !== undefined) throw faulty(file, `${path}: ${problem}`);
}

export function faulty(file: string, issue: string, cause?: unknown): AppError {
  return failure('spec_invalid', { file, issues: [issue] }, cause);
}

/** A service around a model, as the smallest file would describe it. */
async function bareModel(path: string, stores: ModelStores): Promise<Loaded> {
  const found = await locate({ uri: path, path: '' }, process.cwd(), stores.under(undefined));
  const name = serviceName((found.isRepository ? undefined : found.artifacts[0]?.name) ?? found.called);
  const service = checked(
    path,
    parse(
      JSON.stringify({
        kind: 'ModelService',
        metadata: { name },
        spec: { [found.isRepository ? 'repository' : 'model']: { uri: path } },
      }),
    ),
  );
  const stable = { stable: [found] };
  const arms = armsOf(service, stable);
  return { service, written: service, arms, found: stable, file: undefined, sample: undefined };
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
