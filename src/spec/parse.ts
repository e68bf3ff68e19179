import {
  type Document,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type YAMLError,
  type YAMLWarning,
} from 'yaml';
import type { z } from 'zod';
import { err, messageOf, ok, type Result } from '#base';
import { type AuthOptions, auth } from './auth-schema.ts';
import { fileRefusals } from './file-rules.ts';
import type { Refusal } from './foreign-rules.ts';
import { type GatewayPlan, gatewayPlan } from './gateway-plan.ts';
import { type KeyFile, keyFile } from './key-file.ts';
import { type ModelEntry, modelList } from './model-schema.ts';
import {
  dotted,
  offsetOf,
  offsetOfKey,
  offsetOfStrayAlias,
  type Path,
  type Position,
  pathsLike,
  position,
  start,
  unquotedAt,
} from './places.ts';
import { type Policy, policy } from './policy-schema.ts';
import { type PythonOptions, python } from './python-schema.ts';
import { type ModelService, modelService } from './schema.ts';
import {
  isSchemasOwn,
  needsQuotes,
  plainWording,
  TOO_DEEP,
  unknownKey,
  wording,
  yamlProblem,
} from './wording.ts';

/** One fault of a file: where (path, and line and column from 1), what, and what was probably meant. */
export interface Issue extends Position {
  readonly path: string;
  readonly problem: string;
}

/** The largest file that is read; a longer one is not a service file. Characters. */
const MOST_CHARACTERS = 256_000;

/** What a text is to hold. */
interface Format<T> {
  readonly schema: z.ZodType<T>;
  /** In faults of the whole. */
  readonly what: string;
  /** Where YAML's reading of a number would change the text that was meant: 1.10 is not 1.1. `*` is any step. */
  readonly textOrInteger: readonly Path[];
  /** What is wrong with what is written, and cannot be told once defaults are filled in. */
  readonly refusals?: (value: unknown) => readonly Refusal[];
  /** What is wrong may be a secret in the wrong place: faults do not show it. */
  readonly isSecret?: true;
}

const versionsOfModel: readonly Path[] = [['version'], ['versions', 'specific', '*'], ['labels', '*']];
const under = (...above: Path): Path[] => versionsOfModel.map(path => [...above, ...path]);
const served = (...above: Path): Path[] => [
  ...under(...above, 'model'),
  ...under(...above, 'models', '*'),
  [...above, 'repository', 'versions', 'specific', '*'],
];

const serviceFile: Format<ModelService> = {
  schema: modelService,
  what: 'the file',
  textOrInteger: [...served('spec'), ...served('spec', 'candidate')],
  refusals: fileRefusals,
};

const listFile: Format<readonly ModelEntry[]> = {
  schema: modelList,
  what: 'the list',
  textOrInteger: under('*'),
};

const authFile: Format<AuthOptions> = { schema: auth, what: 'the file', textOrInteger: [] };

const keysFile: Format<KeyFile> = { schema: keyFile, what: 'the file', textOrInteger: [], isSecret: true };

/** Reads a service file (YAML, so JSON too). Every fault is reported, in the order of the file. */
export function parse(text: string): Result<ModelService, readonly Issue[]> {
  return read(text, serviceFile);
}

/** Reads a list of models, each as `spec.models` has it, in the same way. */
export function parseModels(text: string): Result<readonly ModelEntry[], readonly Issue[]> {
  return read(text, listFile);
}

/** Reads what is said of Python, as `spec.runtime.python` has it, in the same way. */
export function parsePython(text: string): Result<PythonOptions, readonly Issue[]> {
  return read(text, { schema: python, what: 'the options of Python', textOrInteger: [] });
}

/** Reads which models are let in, as `spec.policy` has it, in the same way. */
export function parsePolicy(text: string): Result<Policy, readonly Issue[]> {
  return read(text, { schema: policy, what: 'the policy', textOrInteger: [] });
}

/** Reads who may ask for what, as `spec.server.auth` has it, in the same way. */
export function parseAuth(text: string): Result<AuthOptions, readonly Issue[]> {
  return read(text, authFile);
}

/** Reads a file of API keys' digests, in the same way. */
export function parseKeys(text: string): Result<KeyFile, readonly Issue[]> {
  return read(text, keysFile);
}

/** Reads what a gateway is told that runs by itself, in the same way. */
export function parseGatewayPlan(text: string): Result<GatewayPlan, readonly Issue[]> {
  return read(text, { schema: gatewayPlan, what: 'the plan', textOrInteger: [] });
}

function read<T>(text: string, format: Format<T>): Result<T, readonly Issue[]> {
  if (text.length > MOST_CHARACTERS)
    return fault(start, `${format.what} is longer than ${MOST_CHARACTERS} characters`);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  // A file may begin or end with `---`, so documents that hold nothing do not count.
  const [document, second] = [...documents].filter(holdsSomething);
  if (document === undefined) return fault(start, `${format.what} is empty`);
  const unreadable = [...document.errors, ...document.warnings];
  if (unreadable.length > 0) return err(yamlIssues(unreadable, { lines, what: format.what }));
  if (second !== undefined) {
    const at = position(second.range?.[0] ?? 0, lines);
    return fault(at, `${format.what} holds a second document; write one ModelService a file`);
  }
  return check({ document, lines, format });
}

/** An issue as one line of text. */
export function describeIssue({ path, line, column, problem }: Issue): string {
  return `line ${line}, column ${column}: ${path === '' ? '' : `${path} `}${problem}`;
}

function holdsSomething({ contents, errors }: Document): boolean {
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  return !isEmpty || errors.length > 0;
}

function fault(at: Position, problem: string): Result<never, readonly Issue[]> {
  return err([{ path: '', ...at, problem }]);
}

/** A fault that others at the same place only echo is told once; so is the depth, and then nothing else is sure. */
function yamlIssues(
  faults: readonly (YAMLError | YAMLWarning)[],
  { lines, what }: { lines: LineCounter; what: string },
): Issue[] {
  const first = new Map<number, Issue>();
  for (const { pos, message } of faults) {
    const problem = yamlProblem(message);
    const issue = { path: '', ...position(pos[0], lines), problem: `${what} is not valid YAML: ${problem}` };
    if (problem === TOO_DEEP) return [issue];
    if (!first.has(pos[0])) first.set(pos[0], issue);
  }
  return [...first.values()];
}

/** A text that was read, and what it is to hold. */
interface Text<T> {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly format: Format<T>;
}

function check<T>(text: Text<T>): Result<T, readonly Issue[]> {
  const { document, lines, format } = text;
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error: unknown) {
    // The library refuses an alias of nothing, and alias bombs, by throwing; that is a fault of the file like any other.
    const problem = yamlProblem(messageOf(error));
    if (problem === TOO_DEEP) return fault(start, `${format.what} cannot be read: ${problem}`);
    return fault(position(offsetOfStrayAlias(document), lines), problem);
  }
  const result = format.schema.safeParse(value, { reportInput: true });
  const paths = format.textOrInteger.flatMap(path => pathsLike(value, path));
  const misread = [
    ...paths.flatMap(path => misreadAt(path, document, lines)),
    ...(format.refusals?.(value) ?? []).map(({ path, problem }) => ({
      path: dotted(path),
      ...position(offsetOf(document, path), lines),
      problem,
    })),
  ];
  if (result.success && misread.length === 0) return ok(result.data);
  const refused = result.error?.issues.flatMap(issue => describe(issue, text)) ?? [];
  const others = refused.filter(({ path }) => misread.every(issue => issue.path !== path));
  return err([...misread, ...others].toSorted((a, b) => a.line - b.line || a.column - b.column));
}

/** A version that YAML reads as another number than is written. */
function misreadAt(path: Path, document: Document, lines: LineCounter): Issue[] {
  const plain = unquotedAt(document, path);
  if (plain === undefined || (Number.isSafeInteger(plain.value) && String(plain.value) === plain.source))
    return [];
  const at = position(offsetOf(document, path), lines);
  return [{ path: dotted(path), ...at, problem: needsQuotes(plain.source, plain.value) }];
}

function describe<T>(issue: z.core.$ZodIssue, { document, lines, format }: Text<T>): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(format.schema, issue.path);
    return issue.keys.map(key => ({
      path: dotted([...issue.path, key]),
      ...position(offsetOfKey(document, issue.path, key), lines),
      problem: unknownKey(key, known),
    }));
  }
  const at = position(offsetOf(document, issue.path), lines);
  const subject = issue.path.length === 0 ? `${format.what} ` : '';
  return [
    {
      path: dotted(issue.path),
      ...at,
      problem: `${subject}${format.isSecret ? plainWording(issue) : problemOf(issue, document)}`,
    },
  ];
}

function problemOf(issue: z.core.$ZodIssue, document: Document): string {
  const plain = unquotedAt(document, issue.path);
  const isText = issue.code === 'invalid_type' && issue.expected === 'string' && !isSchemasOwn(issue);
  return isText && plain !== undefined ? needsQuotes(plain.source, plain.value) : wording(issue);
}

/** The keys the schema has at a path, for suggestions. */
function knownKeys(whole: z.ZodType, path: Path): string[] {
  let schema: unknown = whole;
  for (const step of path) schema = memberOf(schema, step);
  return Object.keys(unwrapped(schema)?.shape ?? {});
}

/** As much of a schema as is looked at here. */
interface Looked {
  readonly def?: { readonly innerType?: Looked; readonly in?: Looked; readonly element?: Looked };
  readonly shape?: Readonly<Record<string, unknown>>;
}

function memberOf(schema: unknown, step: PropertyKey): unknown {
  const found = unwrapped(schema);
  return typeof step === 'number' ? found?.def?.element : found?.shape?.[String(step)];
}

/** A schema without `.default()`, `.optional()`, `.prefault()` and `.transform()` around it. */
function unwrapped(schema: unknown): Looked | undefined {
  let inner = schema as Looked | undefined;
  for (;;) {
    const next = inner?.def?.innerType ?? inner?.def?.in;
    if (next === undefined) return inner;
    inner = next;
  }
}
