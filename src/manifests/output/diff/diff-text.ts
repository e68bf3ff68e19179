import { type KubeObject, keyOf } from '../../object.ts';
import { ordered } from '../order.ts';
import { isMembers } from '../walk.ts';
import { yamlOf } from '../yaml/write.ts';
import { type Edit, editsOf } from './edits.ts';
import { hunksOf } from './hunks.ts';

/** What becomes of an object. */
export interface Difference {
  readonly kind: 'added' | 'changed' | 'removed' | 'same';
  readonly object: KubeObject;
  readonly edits: readonly Edit[];
}

/**
 * Of each object that there is before or after, in the order in which they are applied. The order of members is no difference, but that
 * of a list is.
 */
export function differencesOf(before: readonly KubeObject[], after: readonly KubeObject[]): Difference[] {
  const [old, wanted] = [before, after].map(all => new Map(all.map(object => [keyOf(object), object])));
  const all = new Map([...(old ?? []), ...(wanted ?? [])]);
  return ordered([...all.values()]).map(object => {
    const key = keyOf(object);
    return differenceOf(old?.get(key), wanted?.get(key), object);
  });
}

function differenceOf(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  object: KubeObject,
): Difference {
  const [old, wanted] = shownTogether(before, after);
  const edits = editsOf(linesOf(old), linesOf(wanted));
  if (before === undefined) return { kind: 'added', object, edits };
  if (after === undefined) return { kind: 'removed', object, edits };
  return { kind: edits.every(({ kind }) => kind === 'same') ? 'same' : 'changed', object, edits };
}

function linesOf(object: object | undefined): string[] {
  return object === undefined ? [] : yamlOf(object).trimEnd().split('\n');
}

/** What Secrets hold is not shown, but that it changes is, as kubectl does it. */
function shownTogether(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): (object | undefined)[] {
  return [before && masked(before, after, '*** (before)'), after && masked(after, before, '*** (after)')];
}

function masked(object: KubeObject, other: KubeObject | undefined, changed: string): object {
  if (object.kind !== 'Secret') return object;
  const hidden = ['data', 'stringData'].flatMap(member => {
    const [own, theirs] = [object[member], other?.[member]];
    if (!isMembers(own)) return [];
    const shown = Object.entries(own).map(([key, value]) => {
      const isChanged = isMembers(theirs) && Object.hasOwn(theirs, key) && theirs[key] !== value;
      return [key, isChanged ? changed : '***'] as const;
    });
    return [[member, Object.fromEntries(shown)] as const];
  });
  return { ...object, ...Object.fromEntries(hidden) };
}

const marks = { added: '+', changed: '~', removed: '-', same: '=' } as const;
const lineMarks = { same: ' ', gone: '-', new: '+' } as const;

/** Codes of a terminal: ECMA-48, SGR. */
const colours: Readonly<Record<string, string>> = { '+': '32', '-': '31', '~': '33', '@': '36' };

type Paint = (line: string) => string;

const plain: Paint = line => line;

const painted: Paint = line => {
  const code = colours[line.charAt(0)];
  return code === undefined ? line : `\x1b[${code}m${line}\x1b[0m`;
};

/** For a person: what is added, changed and removed, with the places, and how many of each. It ends with a line feed. */
export function diffText(
  before: readonly KubeObject[],
  after: readonly KubeObject[],
  { colour = false }: { readonly colour?: boolean } = {},
): string {
  const all = differencesOf(before, after);
  const paint = colour ? painted : plain;
  const lines = all.flatMap(difference => (difference.kind === 'same' ? [] : [...linesFor(difference), '']));
  return [...lines.map(paint), summary(all), ''].join('\n');
}

function linesFor({ kind, object, edits }: Difference): string[] {
  const { metadata } = object;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const head = `${marks[kind]} ${object.kind} ${name}`;
  if (kind !== 'changed') return [head, ...edits.map(lineOf)];
  return [
    head,
    ...hunksOf(edits).flatMap(({ place, edits: own }) => [
      ...(place === '' ? [] : [`@ ${place}`]),
      ...own.map(lineOf),
    ]),
  ];
}

/** Indented, so that the head of an object is told from its lines. */
function lineOf({ kind, line }: Edit): string {
  return `${lineMarks[kind]}   ${line}`;
}

function summary(all: readonly Difference[]): string {
  const count = (kind: Difference['kind']): number => all.filter(one => one.kind === kind).length;
  const same = count('same');
  if (same === all.length) return `no difference in ${same} ${same === 1 ? 'object' : 'objects'}`;
  return `${count('added')} added, ${count('changed')} changed, ${count('removed')} removed, ${same} the same`;
}
