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
import {
  dotted,
  offsetOf,
  offsetOfKey,
  offsetOfStrayAlias,
  type Path,
  type Position,
  position,
  start,
  unquotedAt,
} from './places.ts';
import { type ModelService, modelService } from './schema.ts';
import { isSchemasOwn, needsQuotes, TOO_DEEP, unknownKey, wording, yamlProblem } from './wording.ts';

/** One fault of a file: where (path, and line and column from 1), what, and what was probably meant. */
export interface Issue extends Position {
  readonly path: string;
  readonly problem: string;
}

/** The largest file that is read; a longer one is not a service file. Characters. */
const MOST_CHARACTERS = 256_000;

/** Where YAML's reading of a number would change the text that was meant: 1.10 is not 1.1. */
const TEXT_OR_INTEGER: readonly Path[] = [
  ['spec', 'model', 'version'],
  ['spec', 'candidate', 'model', 'version'],
];

/** Reads a service file (YAML, so JSON too). Every fault is reported, in the order of the file. */
export function parse(text: string): Result<ModelService, readonly Issue[]> {
  if (text.length > MOST_CHARACTERS)
    return fault(start, `the file is longer than ${MOST_CHARACTERS} characters`);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  // A file may begin or end with `---`, so documents that hold nothing do not count.
  const [document, second] = [...documents].filter(holdsSomething);
  if (document === undefined) return fault(start, 'the file is empty');
  const unreadable = [...document.errors, ...document.warnings];
  if (unreadable.length > 0) return err(yamlIssues(unreadable, lines));
  if (second !== undefined) {
    const at = position(second.range?.[0] ?? 0, lines);
    return fault(at, 'the file holds a second document; write one ModelService a file');
  }
  return check(document, lines);
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
function yamlIssues(faults: readonly (YAMLError | YAMLWarning)[], lines: LineCounter): Issue[] {
  const first = new Map<number, Issue>();
  for (const { pos, message } of faults) {
    const problem = yamlProblem(message);
    const issue = { path: '', ...position(pos[0], lines), problem: `the file is not valid YAML: ${problem}` };
    if (problem === TOO_DEEP) return [issue];
    if (!first.has(pos[0])) first.set(pos[0], issue);
  }
  return [...first.values()];
}

function check(document: Document, lines: LineCounter): Result<ModelService, readonly Issue[]> {
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error: unknown) {
    // The library refuses an alias of nothing, and alias bombs, by throwing; that is a fault of the file like any other.
    const problem = yamlProblem(messageOf(error));
    if (problem === TOO_DEEP) return fault(start, `the file cannot be read: ${problem}`);
    return fault(position(offsetOfStrayAlias(document), lines), problem);
  }
  const result = modelService.safeParse(value, { reportInput: true });
  const misread = TEXT_OR_INTEGER.flatMap(path => misreadAt(path, document, lines));
  if (result.success && misread.length === 0) return ok(result.data);
  const refused = result.error?.issues.flatMap(issue => describe(issue, document, lines)) ?? [];
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

function describe(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map(key => ({
      path: dotted([...issue.path, key]),
      ...position(offsetOfKey(document, issue.path, key), lines),
      problem: unknownKey(key, known),
    }));
  }
  const at = position(offsetOf(document, issue.path), lines);
  const subject = issue.path.length === 0 ? 'the file ' : '';
  return [{ path: dotted(issue.path), ...at, problem: `${subject}${problemOf(issue, document)}` }];
}

function problemOf(issue: z.core.$ZodIssue, document: Document): string {
  const plain = unquotedAt(document, issue.path);
  const isText = issue.code === 'invalid_type' && issue.expected === 'string' && !isSchemasOwn(issue);
  return isText && plain !== undefined ? needsQuotes(plain.source, plain.value) : wording(issue);
}

/** The keys the schema has at a path, for suggestions. */
function knownKeys(path: Path): string[] {
  let schema: unknown = modelService;
  for (const step of path) schema = (shapeOf(schema) ?? {})[String(step)];
  return Object.keys(shapeOf(schema) ?? {});
}

/** The members of an object schema, looking through `.default()`, `.optional()` and `.prefault()`. */
function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  let inner = schema as { def?: { innerType?: unknown }; shape?: Record<string, unknown> } | undefined;
  while (inner?.def?.innerType !== undefined) inner = inner.def.innerType as typeof inner;
  return inner?.shape;
}
