/**
 * Plain data as YAML in block style, without anchors and without folding. Our own because the library takes 4 s for the 8,000 objects
 * of a thousand services, and because a template of Helm is no data: see `Insertion`.
 */
import { membersInOrder } from './member-order.ts';
import { blockScalar, flowScalar } from './scalar.ts';

/** What a template has in place of data. */
export class Insertion {
  /** `value`: what comes after `key:`, with its line feed. `part`: whole lines, whatever the key that it lies at. */
  readonly kind: 'value' | 'part';
  readonly write: (indent: number) => string;

  constructor(kind: 'value' | 'part', write: (indent: number) => string) {
    this.kind = kind;
    this.write = write;
  }
}

/** What is done to each text after it is written: a template escapes what would mean something to it. */
type Guard = (written: string) => string;

const asIs: Guard = written => written;

/** One document. */
export function yamlOf(map: object, guard: Guard = asIs): string {
  return mapText(map, { indent: 0, under: undefined, guard });
}

interface Around {
  readonly indent: number;
  readonly under: string | undefined;
  readonly guard: Guard;
}

function mapText(map: object, { indent, under, guard }: Around): string {
  const pad = ' '.repeat(indent);
  let text = '';
  for (const [key, value] of membersInOrder(map, under)) {
    if (value instanceof Insertion) text += insertedMember(key, value, indent);
    else text += `${pad}${guard(flowScalar(key))}:${valueText(value, { indent, under: key, guard })}`;
  }
  return text;
}

function insertedMember(key: string, insertion: Insertion, indent: number): string {
  const written = insertion.write(indent);
  return insertion.kind === 'part' ? written : `${' '.repeat(indent)}${key}:${written}`;
}

/** After `key:` or `-`. Items stand below their key, not to the right of it, as kubectl writes them. */
function valueText(value: unknown, { indent, under, guard }: Around): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? ' []\n' : `\n${listText(value, { indent, under, guard })}`;
  }
  if (typeof value !== 'object' || value === null) return ` ${scalarText(value, indent + 2, guard)}\n`;
  const text = mapText(value, { indent: indent + 2, under, guard });
  return text === '' ? ' {}\n' : `\n${text}`;
}

function listText(list: readonly unknown[], around: Around): string {
  return list.map(item => itemText(item, around)).join('');
}

function itemText(item: unknown, around: Around): string {
  if (item instanceof Insertion) return item.write(around.indent);
  const inner = { ...around, indent: around.indent + 2 };
  const mark = `${' '.repeat(around.indent)}-`;
  const nested = nestedText(item, inner);
  // The first line stands beside the dash.
  return nested === '' ? `${mark}${valueText(item, inner)}` : `${mark} ${nested.slice(inner.indent)}`;
}

function nestedText(item: unknown, inner: Around): string {
  if (Array.isArray(item)) return listText(item, inner);
  return typeof item === 'object' && item !== null ? mapText(item, inner) : '';
}

function scalarText(value: unknown, indent: number, guard: Guard): string {
  return typeof value === 'string' ? guard(textOf(value, indent)) : JSON.stringify(value ?? null);
}

/** A text as the value of a member; lines of its own are indented by so much. */
export function textOf(value: string, indent: number): string {
  return blockScalar(value, indent) ?? flowScalar(value);
}
