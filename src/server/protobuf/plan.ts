/** A message type made ready for the codec, once: which reader each number has, and which writer each property. */
import { isNumber, Numbers } from './arrays.ts';
import {
  Embedded,
  type FieldReader,
  List,
  OneofMember,
  OneofWriter,
  type Place,
  type PropertyWriter,
  Singular,
  type Target,
} from './fields.ts';
import { int32, type Kind, scalars } from './kinds.ts';
import { MapField } from './maps.ts';
import { LENGTH, type Reader } from './reader.ts';
import type { Content, Field, MessageType, Oneof, Single } from './schema.ts';
import type { Sizes, Writer } from './writer.ts';

export class Plan {
  /** By field number. */
  readonly #readers: FieldReader[] = [];
  readonly #writers: PropertyWriter[] = [];
  /** The message that nothing came for. */
  readonly #initial: Target = {};

  /** Apart from the constructor, so that a message may hold itself. */
  compile(type: MessageType): void {
    for (const [name, entry] of Object.entries(type.fields)) {
      if ('kind' in entry) this.#addOneof(name, entry);
      else this.#addField(name, entry);
    }
    for (const writer of this.#writers) this.#initial[writer.name] = writer.initial();
  }

  #addField(name: string, [number, content]: Field): void {
    const field = fieldOf(name, number, content);
    this.#readers[number] = field;
    this.#writers.push(field);
  }

  #addOneof(name: string, { members }: Oneof): void {
    const places = Object.entries(members).map(([member, [number, content]]) => ({
      name: member,
      number,
      kind: kindOf(content),
    }));
    for (const place of places) this.#readers[place.number] = new OneofMember(name, place);
    this.#writers.push(new OneofWriter(name, places));
  }

  create(): Target {
    return Object.assign({}, this.#initial);
  }

  /** Reads to the end of the innermost open message. */
  read(reader: Reader, target: Target): void {
    while (reader.at < reader.end) {
      const tag = reader.tag();
      const field = this.#readers[tag >>> 3];
      if (field === undefined) reader.skip(tag);
      else field.read(reader, tag, target);
    }
  }

  size(value: Readonly<Target>, sizes: Sizes): number {
    let total = 0;
    for (const writer of this.#writers) {
      const held = value[writer.name];
      if (held !== undefined) total += writer.size(held, sizes);
    }
    return total;
  }

  write(value: Readonly<Target>, writer: Writer): void {
    for (const property of this.#writers) {
      const held = value[property.name];
      if (held !== undefined) property.write(held, writer);
    }
  }
}

const plans = new WeakMap<MessageType, Plan>();

export function planOf(type: MessageType): Plan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const plan = new Plan();
  plans.set(type, plan);
  plan.compile(type);
  return plan;
}

function fieldOf(name: string, number: number, content: Content): FieldReader & PropertyWriter {
  if (typeof content === 'object' && content.kind === 'map')
    return new MapField({ name, number, key: scalars[content.key], value: kindOf(content.value) });
  if (typeof content === 'object' && content.kind === 'repeated') return listOf(name, number, content.of);
  const place: Place = { name, number, kind: kindOf(content) };
  return typeof content === 'object' && content.kind === 'message'
    ? new Embedded(place)
    : new Singular(place);
}

function listOf(name: string, number: number, content: Single): FieldReader & PropertyWriter {
  if (isNumber(content)) return new Numbers(name, number, content);
  return new List({ name, number, kind: kindOf(content) });
}

function kindOf(content: Single): Kind<unknown> {
  if (typeof content === 'string') return scalars[content];
  return content.kind === 'enum' ? int32 : messageKind(content);
}

function messageKind(type: MessageType): Kind<unknown> {
  const plan = planOf(type);
  return {
    wire: LENGTH,
    initial: () => plan.create(),
    isInitial: () => false,
    read: (reader, before) => {
      const target = (before ?? plan.create()) as Target;
      const outer = reader.enter();
      plan.read(reader, target);
      reader.leave(outer);
      return target;
    },
    size: (value, sizes) => {
      const place = sizes.reserve();
      return sizes.settle(place, plan.size(value as Target, sizes));
    },
    write: (value, writer) => {
      writer.length();
      plan.write(value as Target, writer);
    },
  };
}
