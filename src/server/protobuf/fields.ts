/** How the fields of a message are read into its properties and written from them, whatever they hold. */
import type { Kind } from './kinds.ts';
import { LENGTH, type Reader } from './reader.ts';
import { type Sizes, sizeOfVarint, type Writer } from './writer.ts';

/** A message while it is read. */
export type Target = Record<string, unknown>;

/** Reads the field of one number. */
export interface FieldReader {
  /** Takes the value behind `tag`. */
  read(reader: Reader, tag: number, target: Target): void;
}

/** Writes one property: a field, or a oneof. */
export interface PropertyWriter {
  readonly name: string;
  /** What the property holds where nothing came. */
  initial(): unknown;
  /** Bytes it takes, tags included. */
  size(value: unknown, sizes: Sizes): number;
  write(value: unknown, writer: Writer): void;
}

/** A name and a number, and how one value is written. */
export interface Place {
  readonly name: string;
  readonly number: number;
  readonly kind: Kind<unknown>;
}

export function tagOf(number: number, wire: number): number {
  return ((number << 3) | wire) >>> 0;
}

/** A field of one scalar or enum, left out where it holds what a field that is not there does. */
export class Singular implements FieldReader, PropertyWriter {
  readonly name: string;
  readonly #kind: Kind<unknown>;
  readonly #tag: number;

  constructor({ name, number, kind }: Place) {
    this.name = name;
    this.#kind = kind;
    this.#tag = tagOf(number, kind.wire);
  }

  initial(): unknown {
    return this.#kind.initial();
  }

  read(reader: Reader, tag: number, target: Target): void {
    if (tag !== this.#tag) reader.expect(this.#kind.wire, tag, this.name);
    target[this.name] = this.#kind.read(reader);
  }

  size(value: unknown, sizes: Sizes): number {
    if (this.#kind.isInitial(value)) return 0;
    return sizeOfVarint(this.#tag) + this.#kind.size(value, sizes);
  }

  write(value: unknown, writer: Writer): void {
    if (this.#kind.isInitial(value)) return;
    writer.varint(this.#tag);
    this.#kind.write(value, writer);
  }
}

/** A field of one message, which may be absent; what comes again is merged into it. */
export class Embedded implements FieldReader, PropertyWriter {
  readonly name: string;
  readonly #kind: Kind<unknown>;
  readonly #tag: number;

  constructor({ name, number, kind }: Place) {
    this.name = name;
    this.#kind = kind;
    this.#tag = tagOf(number, LENGTH);
  }

  initial(): undefined {
    return undefined;
  }

  read(reader: Reader, tag: number, target: Target): void {
    if (tag !== this.#tag) reader.expect(LENGTH, tag, this.name);
    target[this.name] = this.#kind.read(reader, target[this.name]);
  }

  size(value: unknown, sizes: Sizes): number {
    return sizeOfVarint(this.#tag) + this.#kind.size(value, sizes);
  }

  write(value: unknown, writer: Writer): void {
    writer.varint(this.#tag);
    this.#kind.write(value, writer);
  }
}

const EMPTY_LIST: readonly unknown[] = Object.freeze([]);

/** Repeated strings, byte strings or messages. */
export class List implements FieldReader, PropertyWriter {
  readonly name: string;
  readonly #kind: Kind<unknown>;
  readonly #tag: number;

  constructor({ name, number, kind }: Place) {
    this.name = name;
    this.#kind = kind;
    this.#tag = tagOf(number, LENGTH);
  }

  initial(): readonly unknown[] {
    return EMPTY_LIST;
  }

  read(reader: Reader, tag: number, target: Target): void {
    if (tag !== this.#tag) reader.expect(LENGTH, tag, this.name);
    const value = this.#kind.read(reader);
    const list = target[this.name];
    if (list === EMPTY_LIST) target[this.name] = [value];
    else (list as unknown[]).push(value);
  }

  size(value: unknown, sizes: Sizes): number {
    const list = value as readonly unknown[];
    let total = list.length * sizeOfVarint(this.#tag);
    for (const element of list) total += this.#kind.size(element, sizes);
    return total;
  }

  write(value: unknown, writer: Writer): void {
    for (const element of value as readonly unknown[]) {
      writer.varint(this.#tag);
      this.#kind.write(element, writer);
    }
  }
}

interface Choice {
  readonly case: string;
  readonly value: unknown;
}

/** A oneof, written with the member it holds even where that is zero or empty. */
export class OneofWriter implements PropertyWriter {
  readonly name: string;
  readonly #members: ReadonlyMap<string, Place>;

  constructor(name: string, members: readonly Place[]) {
    this.name = name;
    this.#members = new Map(members.map(member => [member.name, member]));
  }

  initial(): undefined {
    return undefined;
  }

  size(choice: unknown, sizes: Sizes): number {
    const { number, kind } = this.#member(choice);
    return sizeOfVarint(tagOf(number, kind.wire)) + kind.size((choice as Choice).value, sizes);
  }

  write(choice: unknown, writer: Writer): void {
    const { number, kind } = this.#member(choice);
    writer.varint(tagOf(number, kind.wire));
    kind.write((choice as Choice).value, writer);
  }

  #member(choice: unknown): Place {
    const name = (choice as Choice).case;
    const member = this.#members.get(name);
    if (member === undefined) throw new TypeError(`${this.name} has no member ${name}`);
    return member;
  }
}

/** A member of a oneof: it takes the place of any other, and a message is merged into itself. */
export class OneofMember implements FieldReader {
  readonly #oneof: string;
  readonly #member: Place;

  constructor(oneof: string, member: Place) {
    this.#oneof = oneof;
    this.#member = member;
  }

  read(reader: Reader, tag: number, target: Target): void {
    const { name, kind } = this.#member;
    reader.expect(kind.wire, tag, name);
    const held = target[this.#oneof] as Choice | undefined;
    const before = held?.case === name ? held.value : undefined;
    target[this.#oneof] = { case: name, value: kind.read(reader, before) };
  }
}
