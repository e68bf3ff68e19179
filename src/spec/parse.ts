import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import type { z } from 'zod';
import { err, ok, type Result, suggest } from '#base';
import { type ModelService, modelService } from './schema.ts';

/** One fault of a file: where (path, and line and column from 1), what, and what was probably meant. */
export interface Issue {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

type Path = readonly PropertyKey[];

/** The largest file that is read; a longer one is not a service file. Characters. */
const MOST_CHARACTERS = 1_000_000;

/** Reads a service file (YAML, so JSON too). Every fault is reported, in the order of the file. */
export function parse(text: string): Result<ModelService, readonly Issue[]> {
  if (text.length > MOST_CHARACTERS) {
    return err([{ path: '', line: 1, column: 1, problem: `is longer than ${MOST_CHARACTERS} characters` }]);
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return err([{ path: '', line: 1, column: 1, problem: 'the file is empty' }]);
  if (document.errors.length > 0) return err(document.errors.map(error => yamlIssue(error, lines)));
  if (second !== undefined) {
    const at = position(second.range?.[0] ?? 0, lines);
    return err([{ path: '', ...at, problem: 'holds a second document; write one ModelService a file' }]);
  }
  return check(document, lines);
}

/** An issue as one line of text. */
export function describeIssue({ path, line, column, problem }: Issue): string {
  return `line ${line}, column ${column}: ${path === '' ? '' : `${path} `}${problem}`;
}

function check(document: Document, lines: LineCounter): Result<ModelService, readonly Issue[]> {
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error: unknown) {
    // The library refuses alias bombs by throwing; that is a fault of the file like any other.
    return err([
      { path: '', line: 1, column: 1, problem: error instanceof Error ? error.message : String(error) },
    ]);
  }
  const result = modelService.safeParse(value, { reportInput: true });
  if (result.success) return ok(result.data);
  const issues = result.error.issues.flatMap(issue => describe(issue, document, lines));
  return err(issues.toSorted((a, b) => a.line - b.line || a.column - b.column));
}

function yamlIssue(error: YAMLError, lines: LineCounter): Issue {
  return { path: '', ...position(error.pos[0], lines), problem: `is not valid YAML: ${error.message}` };
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
  if (issue.code === 'invalid_union') {
    const best = issue.errors.flat().find(inner => inner.code === 'invalid_format') ?? issue.errors.flat()[0];
    if (best !== undefined)
      return describe({ ...best, path: issue.path, input: issue.input } as typeof issue, document, lines);
  }
  const at = position(offsetOf(document, issue.path), lines);
  return [{ path: dotted(issue.path), ...at, problem: wording(issue) }];
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = suggest(key, known);
  const help = near === undefined ? `the keys here are ${known.join(', ')}` : `did you mean '${near}'?`;
  return `is not a known key; ${help}`;
}

function wording(issue: z.core.$ZodIssue): string {
  const value = issue.input;
  if (value === undefined && issue.code !== 'custom') return 'is missing';
  const shown = typeof value === 'object' ? '' : ` (it is ${JSON.stringify(value)})`;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}${shown}`;
    case 'invalid_value':
      return `must be ${issue.values.map(one => JSON.stringify(one)).join(' or ')}${shown}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `${issue.message}${shown}`
        : `must be at most ${issue.maximum}${shown}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `${issue.message}${shown}`
        : `must be at least ${issue.minimum}${shown}`;
    default:
      return `${issue.message}${shown}`;
  }
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    int: 'an integer',
    object: 'a map',
    array: 'a list',
    number: 'a number',
  };
  return names[type] ?? `a ${type}`;
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

function dotted(path: Path): string {
  return path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

function position(offset: number, lines: LineCounter): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** The offset of the value at a path, or of the nearest map above it that exists (for what is missing). */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(document, path.slice(0, length));
    if (node?.range) return node.range[0];
  }
  return 0;
}

function offsetOfKey(document: Document, path: Path, key: string): number {
  const map = nodeAt(document, path);
  if (!isMap(map)) return offsetOf(document, path);
  const pair = map.items.find(item => isScalar(item.key) && String(item.key.value) === key);
  return (pair?.key as Node | undefined)?.range?.[0] ?? offsetOf(document, path);
}

function nodeAt(document: Document, path: Path): Node | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return (node ?? undefined) as Node | undefined;
}
