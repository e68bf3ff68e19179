/** Where things lie in a YAML text: from a path of the data to a line and a column. */
import { type Alias, type Document, isMap, isScalar, type LineCounter, type Node, visit } from 'yaml';

export type Path = readonly PropertyKey[];

/** Both count from 1; columns are characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export const start: Position = { line: 1, column: 1 };

export function position(offset: number, lines: LineCounter): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** A path as people write it: `spec.model.uri`, `spec.models[0]`. */
export function dotted(path: Path): string {
  return path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** The paths of data that a pattern fits; its step `*` stands for every key or index there. */
export function pathsLike(value: unknown, pattern: Path): Path[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [[]];
  if (typeof value !== 'object' || value === null) return [];
  const keys: PropertyKey[] = step === '*' ? keysOf(value) : [step];
  return keys
    .filter(key => Object.hasOwn(value, key))
    .flatMap(key =>
      pathsLike((value as Record<PropertyKey, unknown>)[key], rest).map(path => [key, ...path]),
    );
}

function keysOf(value: object): PropertyKey[] {
  return Array.isArray(value) ? [...value.keys()] : Object.keys(value);
}

/** The offset of the value at a path, or of the nearest map above it that exists (for what is missing). */
export function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(document, path.slice(0, length));
    if (node?.range) return node.range[0];
  }
  return 0;
}

export function offsetOfKey(document: Document, path: Path, key: string): number {
  const map = nodeAt(document, path);
  if (!isMap(map)) return offsetOf(document, path);
  const pair = map.items.find(item => isScalar(item.key) && String(item.key.value) === key);
  return (pair?.key as Node | undefined)?.range?.[0] ?? offsetOf(document, path);
}

/** The number or truth value that stands without quotes at a path, as it is written there. */
export function unquotedAt(
  document: Document,
  path: Path,
): { value: number | boolean; source: string } | undefined {
  const node = nodeAt(document, path);
  const { value, source } = isScalar(node) ? node : {};
  const isPlain = (typeof value === 'number' || typeof value === 'boolean') && source !== undefined;
  return isPlain ? { value, source } : undefined;
}

/** The offset of the first `*name` that no `&name` before it explains. */
export function offsetOfStrayAlias(document: Document): number {
  let stray: Alias | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      stray = alias;
      return visit.BREAK;
    },
  });
  return stray?.range?.[0] ?? 0;
}

function nodeAt(document: Document, path: Path): Node | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return (node ?? undefined) as Node | undefined;
}
