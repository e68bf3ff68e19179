/** Values of protobuf's text format, as messages hold them. */
import { suggest } from '#base';
import { shown } from '../tensors/shown.ts';
import type { EnumType, NumberScalar, Scalar } from './schema.ts';
import { unescaped } from './text-format-strings.ts';
import { TextError, type Token, type Tokens } from './text-format-tokens.ts';

/** Reads one value. */
export function readValue(tokens: Tokens, content: Scalar | EnumType): unknown {
  if (typeof content !== 'string') return enumValue(tokens, content);
  if (content === 'bool') return flag(tokens);
  if (content === 'string') return utf8(tokens);
  if (content === 'bytes') return literals(tokens);
  if (content === 'double') return real(tokens);
  if (content === 'float') return Math.fround(real(tokens));
  const value = whole(tokens, ranges[content]);
  return content === 'int32' || content === 'uint32' ? Number(value) : value;
}

/** Whether a value is what a field holds that is not there. */
export function isInitial(value: unknown): boolean {
  if (value instanceof Buffer) return value.length === 0;
  return value === 0n || value === '' || value === false || Object.is(value, 0);
}

/** Values of a repeated field of numbers. */
export function arrayOf(type: NumberScalar, values: readonly unknown[]): unknown {
  return arrays[type](values);
}

const arrays: Readonly<Record<NumberScalar, (values: readonly unknown[]) => unknown>> = {
  double: values => Float64Array.from(values as number[]),
  float: values => Float32Array.from(values as number[]),
  int32: values => Int32Array.from(values as number[]),
  uint32: values => Uint32Array.from(values as number[]),
  int64: values => BigInt64Array.from(values as bigint[]),
  uint64: values => BigUint64Array.from(values as bigint[]),
  bool: values => Uint8Array.from(values as boolean[], Number),
};

interface Range {
  readonly least: bigint;
  readonly most: bigint;
}

const ranges = {
  int32: { least: -(2n ** 31n), most: 2n ** 31n - 1n },
  uint32: { least: 0n, most: 2n ** 32n - 1n },
  int64: { least: -(2n ** 63n), most: 2n ** 63n - 1n },
  uint64: { least: 0n, most: 2n ** 64n - 1n },
} as const;

/** More digits are out of every range, and a number of a million of them takes long to read. */
const MOST_DIGITS = 40;

function whole(tokens: Tokens, range: Range): bigint {
  const first = tokens.next;
  const negative = tokens.takeIf('-');
  if (tokens.next.kind !== 'integer') return tokens.fail(wordsOf(range));
  const { text } = tokens.take();
  const size = text.length > MOST_DIGITS ? range.most + 1n : BigInt(text.replace(/^0(?=\d)/, '0o'));
  const value = negative ? -size : size;
  if (value >= range.least && value <= range.most) return value;
  throw new TextError(`expected ${wordsOf(range)}, found ${shown(tokens.textFrom(first))}`, first);
}

function wordsOf({ least, most }: Range): string {
  return `a whole number from ${least} to ${most}`;
}

const NUMBER = 'a number';

function real(tokens: Tokens): number {
  const negative = tokens.takeIf('-');
  const value = magnitude(tokens);
  return negative ? -value : value;
}

/** Octal and hexadecimal numbers are whole ones only. */
function magnitude(tokens: Tokens): number {
  const { kind, text } = tokens.next;
  if (kind === 'word' && /^inf(inity)?$/i.test(text)) return taken(tokens, Number.POSITIVE_INFINITY);
  if (kind === 'word' && /^nan$/i.test(text)) return taken(tokens, Number.NaN);
  if (kind === 'float') return taken(tokens, Number(text.replace(/f$/i, '')));
  if (kind === 'integer' && !/^0./.test(text)) return taken(tokens, Number(text));
  return tokens.fail(NUMBER);
}

function taken(tokens: Tokens, value: number): number {
  tokens.take();
  return value;
}

function flag(tokens: Tokens): boolean {
  const { kind, text } = tokens.next;
  const isTrue = kind === 'integer' ? /^0*1$|^0[xX]0*1$/.test(text) : /^(?:true|True|t)$/.test(text);
  const isFalse = kind === 'integer' ? /^0+$|^0[xX]0+$/.test(text) : /^(?:false|False|f)$/.test(text);
  if (!isTrue && !isFalse) return tokens.fail('true or false');
  tokens.take();
  return isTrue;
}

function enumValue(tokens: Tokens, { name, values }: EnumType): number {
  const { kind, text } = tokens.next;
  if (kind !== 'word') {
    if (kind !== 'integer' && !tokens.is('-')) return tokens.fail(`a name of ${name}`);
    return Number(whole(tokens, ranges.int32));
  }
  const value = Object.hasOwn(values, text) ? values[text] : undefined;
  if (value !== undefined) return taken(tokens, value);
  const near = suggest(text, Object.keys(values));
  return tokens.fail(`a name of ${name}${near === undefined ? '' : `, ${near} perhaps`}`);
}

function utf8(tokens: Tokens): string {
  const first = tokens.next;
  const bytes = literals(tokens);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new TextError('expected UTF-8 text, found other bytes', first);
  }
}

/** Strings that follow one another are one. */
function literals(tokens: Tokens): Buffer {
  if (tokens.next.kind !== 'string') return tokens.fail('a string in quotes');
  const parts: Buffer[] = [];
  while (tokens.next.kind === 'string') parts.push(literal(tokens.take()));
  return Buffer.concat(parts);
}

function literal(token: Token): Buffer {
  const bytes = unescaped(token.text.slice(1, -1));
  if (typeof bytes !== 'string') return bytes;
  throw new TextError(bytes, token);
}
