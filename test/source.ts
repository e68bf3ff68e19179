/**
 * Reads the project's own sources for the tests that guard them. TypeScript 7 has no JavaScript API, and a pattern over
 * raw text cannot tell `Date.now()` from a comment about it, so this splits source into tokens first.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'sign';
  /** As written; for a string, what is between the quotes. */
  readonly text: string;
  readonly line: number;
}

export interface Import {
  /** What is imported from; undefined when it is computed, so that nobody can check it. */
  readonly from: string | undefined;
  readonly line: number;
  /** `import type`: gone when the program runs. */
  readonly typeOnly: boolean;
  /** The values taken in `{…}`, without those marked `type`; undefined when the whole module is taken. */
  readonly names: readonly string[] | undefined;
}

/** Path from the root, with `/`, to text. */
export type Sources = ReadonlyMap<string, string>;

export const root = join(import.meta.dirname, '..');

/** Every TypeScript file under a folder of the project. */
export function sourcesUnder(folder: string): Sources {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const paths = names
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`);
  return new Map(paths.toSorted().map(path => [path, readFileSync(join(root, path), 'utf8')]));
}

const SKIPPED = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#!.*/y;
const SHAPES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[#\p{ID_Start}$_][\p{ID_Continue}$]*/uy],
  ['number', /\d[\w.]*/y],
  ['string', /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y],
  ['regex', /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y],
  ['template', /`(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y],
  ['sign', /[\s\S]/y],
];
const TEMPLATE_REST = /\}(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;

/** Splits source into tokens; comments and space are left out. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  // Braces that are open inside each `${…}` of the templates around this place.
  const open: number[] = [];
  let at = 0;
  let line = 1;
  const take = (shape: RegExp): string | undefined => {
    shape.lastIndex = at;
    const text = shape.exec(source)?.[0];
    if (text !== undefined) at += text.length;
    return text;
  };
  while (at < source.length) {
    const start = line;
    const skipped = take(SKIPPED);
    const text = skipped ?? next(found, open, take);
    line += text.split('\n').length - 1;
    const last = found.at(-1);
    if (skipped === undefined && last !== undefined) found[found.length - 1] = { ...last, line: start };
  }
  return found;
}

function next(found: Token[], open: number[], take: (shape: RegExp) => string | undefined): string {
  if (open.at(-1) === 0) {
    const rest = take(TEMPLATE_REST);
    if (rest !== undefined) {
      if (!rest.endsWith('${')) open.pop();
      found.push({ kind: 'template', text: rest, line: 0 });
      return rest;
    }
  }
  for (const [kind, shape] of SHAPES) {
    if (kind === 'regex' && !regexMayFollow(found.at(-1))) continue;
    const text = take(shape);
    if (text === undefined) continue;
    nest(kind, text, open);
    found.push({ kind, text: kind === 'string' ? text.slice(1, -1) : text, line: 0 });
    return text;
  }
  throw new Error('the last shape matches any character');
}

function nest(kind: Token['kind'], text: string, open: number[]): void {
  if (kind === 'template' && text.endsWith('${')) open.push(0);
  const inside = open.length - 1;
  if (kind !== 'sign' || inside < 0) return;
  const step = text === '{' ? 1 : text === '}' ? -1 : 0;
  open[inside] = (open[inside] ?? 0) + step;
}

/** A `/` divides after a value and opens a regular expression everywhere else. */
function regexMayFollow(last: Token | undefined): boolean {
  if (last === undefined) return true;
  if (last.kind === 'word')
    return /^(return|typeof|case|in|of|do|else|void|delete|await|yield)$/.test(last.text);
  return last.kind === 'sign' && !/^[)\]}]$/.test(last.text);
}

/** Everything a file imports, re-exports, requires or loads at run time. */
export function imports(found: readonly Token[]): Import[] {
  return found.flatMap((token, index) => {
    const before = found[index - 1];
    const isFrom = token.kind === 'string' && before?.kind === 'word' && before.text === 'from';
    if (isFrom) return [statement(found, index)];
    const isBare = token.kind === 'string' && before?.kind === 'word' && before.text === 'import';
    if (isBare) return [{ from: token.text, line: token.line, typeOnly: false, names: undefined }];
    return isCall(found, index) ? [dynamic(found, index)] : [];
  });
}

function isCall(found: readonly Token[], index: number): boolean {
  const token = found[index];
  const isLoader = token?.kind === 'word' && (token.text === 'import' || token.text === 'require');
  return isLoader && found[index + 1]?.text === '(' && found[index - 1]?.text !== '.';
}

function dynamic(found: readonly Token[], index: number): Import {
  const argument = found[index + 2];
  const from = argument?.kind === 'string' ? argument.text : undefined;
  return { from, line: found[index]?.line ?? 0, typeOnly: false, names: undefined };
}

/** The statement whose `from '…'` ends at `end`. */
function statement(found: readonly Token[], end: number): Import {
  const start = found.findLastIndex(
    (token, index) => index < end && token.kind === 'word' && /^(import|export)$/.test(token.text),
  );
  const clause = found.slice(start + 1, end - 1);
  const isNamed = clause.some(({ text }) => text === '{');
  const values = clause.filter(
    ({ kind, text }, index) => isName(kind, text) && clause[index - 1]?.text !== 'type',
  );
  return {
    from: found[end]?.text,
    line: found[start]?.line ?? 0,
    typeOnly: clause[0]?.text === 'type',
    names: isNamed ? values.map(({ text }) => text) : undefined,
  };
}

const isName = (kind: Token['kind'], text: string): boolean => kind === 'word' && !/^(type|as)$/.test(text);
