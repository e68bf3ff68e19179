/** Any message of a type, as `decode` gives it: every field is there. */
import fc from 'fast-check';
import type { Content, Decoded, Field, MapKey, MessageType, NumberScalar, Oneof, Single } from './schema.ts';

type Anything = fc.Arbitrary<unknown>;

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const many = { maxLength: 6 };

const scalars = {
  double: fc.double(),
  float: fc.float(),
  int32: fc.oneof(fc.integer(), fc.nat(300)),
  uint32,
  int64,
  uint64,
  bool: fc.boolean(),
  string: fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 })),
  bytes: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
} as const;

const arrays: Readonly<Record<NumberScalar, Anything>> = {
  double: fc.float64Array(many),
  float: fc.float32Array(many),
  int32: fc.int32Array(many),
  uint32: fc.uint32Array(many),
  int64: fc.bigInt64Array(many),
  uint64: fc.bigUint64Array(many),
  bool: fc.uint8Array({ max: 1, ...many }),
};

export function arbitraryMessage<T extends MessageType>(type: T): fc.Arbitrary<Decoded<T>> {
  const fields = Object.entries(type.fields).map(([name, entry]) => [name, arbitraryField(entry)]);
  // A record has no prototype unless asked, and decoded messages have one.
  const record = fc.record(Object.fromEntries(fields) as Record<string, Anything>, {
    noNullPrototype: true,
  });
  return record as fc.Arbitrary<unknown> as fc.Arbitrary<Decoded<T>>;
}

function arbitraryField(entry: Field | Oneof): Anything {
  if (!('kind' in entry)) return arbitraryContent(entry[1]);
  const members = Object.entries(entry.members).map(([name, [, content]]) =>
    fc.record({ case: fc.constant(name), value: arbitrarySingle(content) }, { noNullPrototype: true }),
  );
  return fc.oneof(fc.constant(undefined), ...members);
}

function arbitraryContent(content: Content): Anything {
  if (typeof content === 'string' || content.kind === 'enum') return arbitrarySingle(content);
  if (content.kind === 'map') return arbitraryMap(content.key, content.value);
  if (content.kind === 'message') return fc.option(arbitrarySingle(content), { nil: undefined });
  const { of } = content;
  return typeof of === 'string' && of in arrays
    ? arrays[of as NumberScalar]
    : fc.array(arbitrarySingle(of), { maxLength: 3 });
}

function arbitraryMap(key: MapKey, value: Single): Anything {
  return fc.array(fc.tuple(scalars[key], arbitrarySingle(value)), { maxLength: 3 }).map(all => new Map(all));
}

function arbitrarySingle(content: Single): Anything {
  if (typeof content === 'string') return scalars[content];
  return content.kind === 'enum' ? scalars.int32 : arbitraryMessage(content);
}
