/** Changes to a protobuf message that keep to its structure: of fields, not of bytes. */
import type { Random } from '../random.ts';
import { varint, withLength } from './wire.ts';

interface Node {
  number: number;
  wire: number;
  /** A field's value, or what it holds where that can be read as fields. */
  value: bigint | Buffer | Node[];
}

/** What cannot be read as fields is given back as it is. */
export function mutateMessage(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const nodes = parse(bytes, 0);
  if (nodes === undefined) return bytes;
  const donors = parse(other, 0) ?? [];
  for (let left = 1 + random.size(4); left > 0; left--) change(nodes, donors, random);
  return written(nodes, random);
}

const MOST_DEPTH = 12;

function parse(bytes: Buffer, depth: number): Node[] | undefined {
  const nodes: Node[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = readVarint(bytes, at);
    if (head === undefined || head.value < 8n || head.value > 0xffffffffn) return undefined;
    const wire = Number(head.value & 7n);
    const read = readValue(bytes, head.end, wire, depth);
    if (read === undefined) return undefined;
    nodes.push({ number: Number(head.value >> 3n), wire, value: read.value });
    at = read.end;
  }
  return nodes;
}

interface Value {
  readonly value: Node['value'];
  readonly end: number;
}

function readValue(bytes: Buffer, at: number, ...[wire, depth]: [number, number]): Value | undefined {
  if (wire === 0) return readVarint(bytes, at);
  if (wire === 1 || wire === 5) return readPart(bytes, at, wire === 1 ? 8 : 4);
  const length = wire === 2 ? readVarint(bytes, at) : undefined;
  const part = length === undefined ? undefined : readPart(bytes, length.end, Number(length.value));
  if (part === undefined) return undefined;
  const isNested = depth < MOST_DEPTH && part.value.length > 0;
  return { ...part, value: (isNested ? parse(part.value, depth + 1) : undefined) ?? part.value };
}

function readPart(bytes: Buffer, at: number, length: number): { value: Buffer; end: number } | undefined {
  const end = at + length;
  return end > bytes.length ? undefined : { value: bytes.subarray(at, end), end };
}

function readVarint(bytes: Buffer, start: number): { value: bigint; end: number } | undefined {
  let value = 0n;
  for (let at = start; at < Math.min(bytes.length, start + 10); at++) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}

/** Somewhere in the tree, a list of fields. */
function anyList(nodes: Node[], random: Random): Node[] {
  const inner = nodes.flatMap(({ value }) => (Array.isArray(value) ? [value] : []));
  return inner.length === 0 || random.chance(0.4) ? nodes : anyList(random.pick(inner), random);
}

function change(nodes: Node[], donors: Node[], random: Random): void {
  const list = anyList(nodes, random);
  const at = random.below(list.length + 1);
  const node = list[at];
  const kind = random.below(9);
  if (node === undefined || kind < 2) list.splice(at, 0, ...copies(anyList(donors, random), random));
  else if (kind === 2) list.splice(at, 1);
  else if (kind === 3) list.splice(at, 0, ...Array.from({ length: 1 + random.size(20) }, () => node));
  else if (kind === 4)
    node.number = random.chance(0.8) ? random.between(1, 20) : random.between(1, 2 ** 29 - 1);
  else if (kind === 5) node.wire = random.pick([0, 1, 2, 5, 3, 4, 6]);
  else if (kind === 6) list.push(...list.splice(at, 1));
  else node.value = otherValue(node, random);
}

function copies(from: readonly Node[], random: Random): Node[] {
  return from.length === 0 ? [] : [copyOf(random.pick(from))];
}

/** Of its own, or a list could come to hold itself. */
function copyOf(node: Node): Node {
  const { value } = node;
  return { ...node, value: Array.isArray(value) ? value.map(copyOf) : value };
}

function otherValue({ value }: Node, random: Random): Node['value'] {
  if (typeof value === 'bigint') {
    const near = value + BigInt(random.between(-2, 2));
    return BigInt.asUintN(
      64,
      random.chance(0.5) ? near : random.pick([0n, -1n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 63n - 1n]),
    );
  }
  if (Array.isArray(value)) return random.bytes(random.size(20));
  const copy = Buffer.from(
    value.subarray(0, random.chance(0.3) ? random.below(value.length + 1) : value.length),
  );
  if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
  return random.chance(0.1) ? Buffer.concat([copy, copy]) : copy;
}

const MOST_BYTES = 64 * 1024;

function written(nodes: readonly Node[], random: Random): Buffer {
  const parts = nodes.map(({ number, wire, value }) => {
    const tag = varint(BigInt(number) * 8n + BigInt(wire), random);
    if (typeof value === 'bigint') return Buffer.concat([tag, varint(value, random)]);
    const content = Array.isArray(value) ? written(value, random) : value;
    return Buffer.concat([tag, wire === 2 ? withLength(content, random) : content]);
  });
  return Buffer.concat(parts).subarray(0, MOST_BYTES);
}
