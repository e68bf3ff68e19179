/** Protobuf's wire format with all that can be wrong about it. */
import type { Content, Field, MessageType, Oneof, Single } from '../../../src/server/protobuf/schema.ts';
import type { Random } from '../random.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Values at the edges of every integer. */
const EDGES = [
  0n,
  1n,
  127n,
  128n,
  300n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Lengths and numbers, now and then in more bytes than they take, or in more than there are. */
export function varint(value: bigint, random: Random): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  if (random.chance(0.01)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(...random.list(random.size(9), () => 0x80), random.pick([0, 0, 1, 0x7f, 0xff]));
  }
  return Buffer.from(bytes);
}

function tag(number: number, wire: number, random: Random): Buffer {
  const isOdd = random.chance(0.005);
  const other = random.pick([0, number, 19_000, 2 ** 29 - 1, 2 ** 29, 2 ** 32]);
  const found = isOdd ? random.below(8) : wire;
  return varint(BigInt(isOdd ? other : number) * 8n + BigInt(found), random);
}

export function withLength(bytes: Buffer, random: Random): Buffer {
  const isOdd = random.chance(0.005);
  const length = isOdd
    ? random.pick([...EDGES, BigInt(bytes.length + 1), BigInt(Math.max(0, bytes.length - 1))])
    : BigInt(bytes.length);
  return Buffer.concat([varint(length, random), bytes]);
}

/** A message of a type, nested at most so deep. */
export function messageOf(type: MessageType, random: Random, depth = 6): Buffer {
  const fields = Object.values(type.fields).flatMap(fieldsOf);
  const count = fields.length === 0 ? 0 : random.size(2 * fields.length);
  const parts = random.list(count, () => field(random.pick(fields), random, depth));
  if (random.chance(0.05)) parts.push(unknownField(random, depth));
  return Buffer.concat(parts);
}

function fieldsOf(entry: Field | Oneof): readonly Field[] {
  return 'kind' in entry ? Object.values(entry.members) : [entry];
}

function field([number, content]: Field, random: Random, depth: number): Buffer {
  if (typeof content === 'object' && content.kind === 'map') {
    const entry = Buffer.concat([
      random.chance(0.9) ? field([1, content.key], random, depth) : Buffer.alloc(0),
      random.chance(0.9) ? field([2, content.value], random, depth) : Buffer.alloc(0),
    ]);
    return Buffer.concat([tag(number, LENGTH, random), withLength(entry, random)]);
  }
  if (typeof content === 'object' && content.kind === 'repeated')
    return repeated(number, content.of, random, depth);
  return Buffer.concat([tag(number, wireOf(content), random), single(content, random, depth)]);
}

/** Numbers packed or each for itself. */
function repeated(number: number, of: Single, ...[random, depth]: [Random, number]): Buffer {
  const wire = wireOf(of);
  const count = random.size(random.chance(0.02) ? 300 : 5);
  const elements = random.list(count, () => single(of, random, depth));
  if (wire !== LENGTH && random.chance(0.6))
    return Buffer.concat([tag(number, LENGTH, random), withLength(Buffer.concat(elements), random)]);
  return Buffer.concat(elements.flatMap(element => [tag(number, wire, random), element]));
}

function wireOf(content: Content): number {
  if (content === 'double') return FIXED64;
  if (content === 'float') return FIXED32;
  if (content === 'string' || content === 'bytes') return LENGTH;
  return typeof content === 'object' && content.kind !== 'enum' ? LENGTH : VARINT;
}

function single(content: Single, random: Random, depth: number): Buffer {
  if (content === 'double') return random.chance(0.5) ? random.bytes(8) : double(random);
  if (content === 'float') return random.bytes(4);
  if (content === 'string' || content === 'bytes')
    return withLength(text(random, content === 'bytes'), random);
  if (typeof content === 'object' && content.kind === 'message')
    return withLength(depth === 0 ? Buffer.alloc(0) : messageOf(content, random, depth - 1), random);
  return varint(random.chance(0.5) ? random.pick(EDGES) : BigInt(random.below(12)), random);
}

function double(random: Random): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(random.pick([0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53]));
  return bytes;
}

const TEXTS = [
  '',
  'x',
  'y',
  'a',
  'FP32',
  'BYTES',
  'INT64',
  'serving_default',
  'é€😀',
  '\0',
  'classification',
  'triton_',
  'fp32',
  '1',
];

function text(random: Random, isBytes: boolean): Buffer {
  if (isBytes || random.chance(0.02)) return random.bytes(random.size(40));
  return random.chance(0.05) ? Buffer.from('ab€'.repeat(random.size(60))) : Buffer.from(random.pick(TEXTS));
}

/** A field that no message here has, perhaps one of the groups that proto3 has not. */
function unknownField(random: Random, depth: number): Buffer {
  const number = random.between(500, 5000);
  const wire = random.pick([VARINT, FIXED64, LENGTH, LENGTH, FIXED32, random.chance(0.1) ? 3 : VARINT]);
  const content = { [VARINT]: 8, [FIXED64]: 8, [FIXED32]: 4, [LENGTH]: 0, 3: 0 }[wire] ?? 0;
  const bytes = wire === VARINT ? varint(random.pick(EDGES), random) : random.bytes(content);
  const nested =
    wire === LENGTH
      ? withLength(depth === 0 ? random.bytes(3) : unknownField(random, depth - 1), random)
      : bytes;
  return Buffer.concat([tag(number, wire, random), nested]);
}
