/** Map fields: on the wire a repeated message of a key and a value. Of entries with one key the last wins. */
import { type FieldReader, type PropertyWriter, type Target, tagOf } from './fields.ts';
import type { Kind } from './kinds.ts';
import { LENGTH, type Reader } from './reader.ts';
import { type Sizes, sizeOfVarint, type Writer } from './writer.ts';

const KEY = 1;
const VALUE = 2;
/** The tags of both fit one byte each. */
const TAGS = 2;

/** Shared by all maps that nothing came for; nobody puts anything in. */
const EMPTY_MAP: ReadonlyMap<unknown, unknown> = new Map();

interface MapPlace {
  readonly name: string;
  readonly number: number;
  readonly key: Kind<unknown>;
  readonly value: Kind<unknown>;
}

export class MapField implements FieldReader, PropertyWriter {
  readonly name: string;
  readonly #key: Kind<unknown>;
  readonly #value: Kind<unknown>;
  readonly #tag: number;

  constructor({ name, number, key, value }: MapPlace) {
    this.name = name;
    this.#key = key;
    this.#value = value;
    this.#tag = tagOf(number, LENGTH);
  }

  initial(): ReadonlyMap<unknown, unknown> {
    return EMPTY_MAP;
  }

  read(reader: Reader, tag: number, target: Target): void {
    reader.expect(LENGTH, tag, this.name);
    if (target[this.name] === EMPTY_MAP) target[this.name] = new Map();
    const outer = reader.enter();
    this.#entry(reader, target[this.name] as Map<unknown, unknown>);
    reader.leave(outer);
  }

  #entry(reader: Reader, map: Map<unknown, unknown>): void {
    let key: unknown;
    let value: unknown;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag >>> 3 === KEY) {
        reader.expect(this.#key.wire, tag, `a key of ${this.name}`);
        key = this.#key.read(reader);
      } else if (tag >>> 3 === VALUE) {
        reader.expect(this.#value.wire, tag, `a value of ${this.name}`);
        value = this.#value.read(reader, value);
      } else reader.skip(tag);
    }
    map.set(key ?? this.#key.initial(), value ?? this.#value.initial());
  }

  size(value: unknown, sizes: Sizes): number {
    let total = 0;
    for (const [key, held] of value as ReadonlyMap<unknown, unknown>) {
      const place = sizes.reserve();
      const size = TAGS + this.#key.size(key, sizes) + this.#value.size(held, sizes);
      total += sizeOfVarint(this.#tag) + sizes.settle(place, size);
    }
    return total;
  }

  write(value: unknown, writer: Writer): void {
    for (const [key, held] of value as ReadonlyMap<unknown, unknown>) {
      writer.varint(this.#tag);
      writer.length();
      writer.varint(tagOf(KEY, this.#key.wire));
      this.#key.write(key, writer);
      writer.varint(tagOf(VALUE, this.#value.wire));
      this.#value.write(held, writer);
    }
  }
}
