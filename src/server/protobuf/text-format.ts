/**
 * Protobuf's text format, read by the tables that messages are: a `config.pbtxt` or a `models.config`. A field that the
 * table does not have is an error, and so is one that is there twice and may not be. Source:
 * protobuf.dev/reference/protobuf/textformat-spec.
 */
import { err, ok, type Result, suggest } from '#base';
import { shown } from '../tensors/shown.ts';
import { isNumber } from './arrays.ts';
import type { Target } from './fields.ts';
import { Any } from './google.ts';
import { planOf } from './plan.ts';
import { fieldsOf, type NamedField } from './proto-file.ts';
import { MOST_DEPTH } from './reader.ts';
import type { Content, Decoded, MapOf, MessageType, Single } from './schema.ts';
import { message } from './schema.ts';
import { TextError, type TextPlace, type Token, Tokens } from './text-format-tokens.ts';
import { arrayOf, isInitial, readValue } from './text-format-values.ts';

/** A field that is there. */
export interface Written extends TextPlace {
  /** Its value as it is written, of a repeated field all of them; empty of a message. */
  readonly text: string;
  /** Whether it says no more than if it were left out. */
  readonly initial: boolean;
}

export interface TextMessage<T extends MessageType> {
  /** As `decode` gives it. */
  readonly message: Decoded<T>;
  /** Every field that is there by its path: `input[0].name`, `dims`, `parameters["key"].string_value`. */
  readonly written: ReadonlyMap<string, Written>;
  /** Entries of maps that a later one of the same key replaces, by path. */
  readonly replaced: readonly (readonly [path: string, written: Written])[];
}

/** What is wrong, beginning with what was expected, and where. */
export interface TextFault extends TextPlace {
  readonly problem: string;
}

/** Characters of a text that is read. */
export const MOST_TEXT = 1024 * 1024;

/** Reads a message. It never throws, and takes time in proportion to the text. */
export function readText<T extends MessageType>(type: T, text: string): Result<TextMessage<T>, TextFault> {
  if (text.length > MOST_TEXT) return err({ problem: `expected at most ${MOST_TEXT} characters`, ...START });
  try {
    const parser = new Parser(text);
    const read = parser.message(type, '', undefined);
    const { written, replaced } = parser;
    return ok({ message: read as Decoded<T>, written, replaced });
  } catch (error: unknown) {
    if (!(error instanceof TextError)) throw error;
    const { line, column } = error.at;
    return err({ problem: error.message, line, column });
  }
}

const START: TextPlace = { line: 1, column: 1 };

/** A message while it is read. */
interface Open {
  readonly type: MessageType;
  /** Where its fields begin: empty, or a path that ends with a dot. */
  readonly prefix: string;
  readonly target: Target;
  readonly lists: Map<NamedField, unknown[]>;
  /** Fields, and oneofs by the member that is there. */
  readonly set: Map<string, string>;
}

interface Entry {
  readonly field: NamedField;
  readonly content: MapOf;
  readonly at: TextPlace;
}

/** Where a value goes. */
interface Spot {
  readonly path: string;
  readonly at: TextPlace;
  /** Whether that it is there says something by itself, whatever it is: in a list or a oneof. */
  readonly counts: boolean;
}

class Parser {
  readonly #tokens: Tokens;
  #depth = 0;
  written = new Map<string, Written>();
  readonly replaced: [string, Written][] = [];

  constructor(text: string) {
    this.#tokens = new Tokens(text);
  }

  /** Reads fields up to `close`, or the end. */
  message(type: MessageType, prefix: string, close: string | undefined): Target {
    if (++this.#depth > MOST_DEPTH)
      throw new TextError(`expected messages nested at most ${MOST_DEPTH} deep`, this.#tokens.next);
    const open: Open = {
      type,
      prefix,
      target: planOf(type).create(),
      lists: new Map(),
      set: new Map(),
    };
    while (!this.#closes(close)) this.#field(open);
    for (const [field, values] of open.lists) open.target[field.name] = finished(field.content, values);
    this.#depth--;
    return open.target;
  }

  #closes(close: string | undefined): boolean {
    if (close === undefined) return this.#tokens.next.kind === 'end';
    if (this.#tokens.next.kind === 'end') this.#tokens.fail(`a field or '${close}'`);
    return this.#tokens.takeIf(close);
  }

  #field(open: Open): void {
    const at = this.#tokens.next;
    if (open.type === Any && this.#tokens.is('[')) this.#expanded(open);
    else this.#named(open, this.#name(open.type), at);
    if (!this.#tokens.takeIf(',')) this.#tokens.takeIf(';');
  }

  #named(open: Open, field: NamedField, at: Token): void {
    const { content, name } = field;
    const isMessage = !isScalar(content);
    if (!this.#tokens.takeIf(':') && !isMessage) this.#tokens.fail(`':' behind '${name}'`);
    const isMany = typeof content === 'object' && (content.kind === 'repeated' || content.kind === 'map');
    if (!isMany) {
      this.#once(open, field, at);
      return this.#put(open, field, at);
    }
    if (!this.#tokens.takeIf('[')) return this.#put(open, field, at);
    if (this.#tokens.takeIf(']')) return;
    do this.#put(open, field, isMessage ? this.#tokens.next : at);
    while (this.#tokens.takeIf(','));
    if (!this.#tokens.takeIf(']')) this.#tokens.fail("',' or ']'");
  }

  #name(type: MessageType): NamedField {
    const { kind, text } = this.#tokens.next;
    if (kind !== 'word') return this.#tokens.fail(`a field of ${type.name}`);
    const known = namesOf(type);
    const field = known.get(text);
    if (field === undefined) {
      const near = suggest(text, [...known.keys()]);
      return this.#tokens.fail(`a field of ${type.name}${near === undefined ? '' : `, '${near}' perhaps`}`);
    }
    this.#tokens.take();
    return field;
  }

  #once({ set }: Open, { name, oneof }: NamedField, at: Token): void {
    const before = set.get(oneof ?? name);
    set.set(oneof ?? name, name);
    if (before === undefined) return;
    const problem =
      before === name ? `'${name}' once, found it again` : `only one of '${before}' and '${name}'`;
    throw new TextError(`expected ${problem}`, at);
  }

  /** Reads one value of a field into its message. */
  #put(open: Open, field: NamedField, at: Token): void {
    const { content, name, oneof } = field;
    const path = `${open.prefix}${name}`;
    if (typeof content === 'object' && content.kind === 'map')
      return this.#entry(open, { field, content, at });
    if (typeof content === 'object' && content.kind === 'repeated') {
      const values = listOf(open, field);
      const element = isScalar(content.of) ? path : `${path}[${values.length}]`;
      values.push(this.#value(content.of, { path: element, at, counts: true }));
      return;
    }
    const value = this.#value(content, { path, at, counts: oneof !== undefined });
    if (oneof === undefined) open.target[name] = value;
    else open.target[oneof] = { case: name, value };
  }

  #value(content: Single, { path, at, counts }: Spot): unknown {
    if (typeof content === 'object' && content.kind === 'message') {
      this.#record(path, at, { text: '', initial: false });
      return this.message(content, `${path}.`, this.#opened());
    }
    const first = this.#tokens.next;
    const value = readValue(this.#tokens, content);
    this.#record(path, at, { text: this.#tokens.textFrom(first), initial: !counts && isInitial(value) });
    return value;
  }

  #opened(): string {
    if (this.#tokens.takeIf('{')) return '}';
    if (this.#tokens.takeIf('<')) return '>';
    return this.#tokens.fail("'{'");
  }

  #record(
    path: string,
    { line, column }: TextPlace,
    { text, initial }: Omit<Written, keyof TextPlace>,
  ): void {
    const before = this.written.get(path);
    const all = before === undefined ? text : `${before.text}, ${text}`;
    this.written.set(path, { line, column, ...before, text: all, initial: initial && before === undefined });
  }

  /** An entry's path has its key, which may stand behind its value. */
  #entry(open: Open, { field, content, at }: Entry): void {
    const outer = this.written;
    this.written = new Map();
    const { key, value } = this.message(entryOf(content), '', this.#opened());
    const path = `${open.prefix}${field.name}[${typeof key === 'string' ? JSON.stringify(key) : String(key)}]`;
    const within = this.written;
    this.written = outer;
    const values = listOf(open, field) as [unknown, unknown][];
    const before = outer.get(path);
    if (before !== undefined) this.replaced.push([path, before]);
    const { text = '' } = within.get('value') ?? {};
    outer.set(path, { line: at.line, column: at.column, text, initial: false });
    for (const [inner, one] of within)
      if (inner.startsWith('value.')) outer.set(`${path}${inner.slice('value'.length)}`, one);
    values.push([key, value ?? initialOf(content.value)]);
  }

  /** A message of a type that is not known: passed over, so that what it stands in can be read. */
  #expanded(open: Open): void {
    const at = this.#tokens.take();
    const name = this.#tokens.next;
    while (!this.#tokens.is(']')) {
      const { kind, text } = this.#tokens.next;
      if (kind !== 'word' && !/^[./-]$/.test(text)) this.#tokens.fail("a type's name and ']'");
      this.#tokens.take();
    }
    open.target['type_url'] = this.#tokens.textFrom(name);
    this.#record(`${open.prefix}type_url`, at, { text: this.#tokens.textFrom(name), initial: false });
    this.#tokens.take();
    this.#tokens.takeIf(':');
    this.#skip(this.#opened());
  }

  #skip(close: string): void {
    const closes = [close];
    for (let expected = closes.at(-1); expected !== undefined; expected = closes.at(-1)) {
      const { kind, text } = this.#tokens.next;
      if (kind === 'end') this.#tokens.fail(`'${expected}'`);
      this.#tokens.take();
      if (kind !== 'sign') continue;
      const inner = brackets[text];
      if (inner !== undefined) closes.push(inner);
      else if (text === expected) closes.pop();
    }
  }
}

const brackets: Readonly<Record<string, string>> = { '{': '}', '<': '>', '[': ']' };

function isScalar(content: Content): boolean {
  if (typeof content === 'string' || content.kind === 'enum') return true;
  return content.kind === 'repeated' && isScalar(content.of);
}

function listOf({ lists }: Open, field: NamedField): unknown[] {
  const known = lists.get(field);
  if (known !== undefined) return known;
  const list: unknown[] = [];
  lists.set(field, list);
  return list;
}

/** What a repeated field or a map holds in the end. */
function finished(content: Content, values: readonly unknown[]): unknown {
  if (typeof content === 'object' && content.kind === 'map')
    return new Map(values as readonly (readonly [unknown, unknown])[]);
  const of = typeof content === 'object' && content.kind === 'repeated' ? content.of : content;
  return isNumber(of) ? arrayOf(of, values) : values;
}

const names = new WeakMap<MessageType, ReadonlyMap<string, NamedField>>();

function namesOf(type: MessageType): ReadonlyMap<string, NamedField> {
  const known = names.get(type);
  if (known !== undefined) return known;
  const fields = new Map(fieldsOf(type.fields).map(field => [field.name, field]));
  names.set(type, fields);
  return fields;
}

const entries = new WeakMap<MapOf, MessageType>();

/** A map is a repeated field of messages with a key and a value. */
function entryOf(content: MapOf): MessageType {
  const known = entries.get(content);
  if (known !== undefined) return known;
  const entry = message('an entry', { key: [1, content.key], value: [2, content.value] });
  entries.set(content, entry);
  return entry;
}

/** What an entry without a value has. */
function initialOf(content: Single): unknown {
  return typeof content === 'object' && content.kind === 'message' ? planOf(content).create() : undefined;
}

/** A fault as a line: `config.pbtxt:3:1: expected …`. */
export function faultText(file: string, { problem, line, column }: TextFault): string {
  return `${shown(file)}:${line}:${column}: ${problem}`;
}
