/** JSON from its grammar, with what readers of it stumble over. */
import type { Random } from '../random.ts';
import { words } from './words.ts';

/** Numbers at the edges of every type, and ways to write them. */
export const NUMBERS = words(`
  0 -0 1 -1 0.0 -0.0 1.0 1e0 1E+0 1.5 0.1 -0.1 1e-1 100e-2 127 128 -128 -129 255 256 32767 32768 -32769 65535 65536
  65520 65519.99 2147483647 2147483648 -2147483648 -2147483649 4294967295 4294967296 4294967295.0 9007199254740991
  9007199254740992 9007199254740993 -9007199254740993 9007199254740993.0 9007199254740992.5 9223372036854775807
  9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
  1.8446744073709551615e19 9.223372036854775807E18 123456789012345678901234567890 3.4028234663852886e38
  3.4028235677973366e38 3.5e38 1e39 -1e39 1.4e-45 7e-46 1e-46 1.7976931348623157e308 1.7976931348623159e308 1e309
  -1e309 5e-324 2e-324 1e-400 2.2250738585072011e-308 1e999999999999 1e-999999999999 0e999999999999 1e40 1e41
  0.000000000000000000000000000001 1.00000000000000000000000000000000001 NaN Infinity -Infinity 4.35 0.3 1e22 1e23
  8.41e21`);

/** What looks like a number and is none. */
export const NO_NUMBERS = words(`
  01 - +1 .5 1. 1e 1e+ --1 0x10 1_000 1, nan Inf -NaN 1e1.5 ١ 1:2 -Infinit Infinityy truee tru nul undefined '1' ١٢`);

const ESCAPES = words(String.raw`\" \\ \/ \b \f \n \r \t \u0000 \u00e9 \u20ac`);
const PAIRS = words(String.raw`\ud83d\ude00 \uD800 \udc00 \udc00\ud800 \ud800x \ud800\n`);
const TEXTS = [
  '',
  'a',
  'é',
  '€',
  '😀',
  ' ',
  '/',
  '\u2028',
  '\u007f',
  '\ufeff',
  '__proto__',
  'b64',
  'constructor',
];
const NO_STRINGS = ['"', '"\\x"', '"\\u12"', '"\\u12g4"', '"\n"', '"\u0000"', '"\\', '"abc'];
const SPACES = [' ', '\n', '\t', '\r', '\r\n', '   '];
const SIGNS = words('[ ] { } , : " [] {} "" true false null [[ ]] ],[ [{ }] ": ," \\u {"a":1,"a":2}');
const BASE64 = words('{"b64":"AA=="} {"b64":""} {"b64":"A"} "b64"');

export function space(random: Random): string {
  return random.chance(0.1) ? random.pick(SPACES) : '';
}

export function number(random: Random): string {
  const kind = random.below(100);
  if (kind < 50) return random.pick(NUMBERS);
  if (kind < 80) return String(random.between(-300, 300));
  if (kind < 98) return digits(random);
  return random.pick(NO_NUMBERS);
}

/** Any sign, digits, fraction and exponent. */
function digits(random: Random): string {
  const run = (most: number): string => random.list(1 + random.size(most), () => random.below(10)).join('');
  const whole = random.chance(0.5) ? '0' : `${random.between(1, 9)}${random.chance(0.7) ? run(25) : ''}`;
  const fraction = random.chance(0.5) ? `.${run(40)}` : '';
  const exponent = random.chance(0.4) ? `${random.pick(['e', 'E', 'e-', 'E+', 'e+'])}${run(3)}` : '';
  return `${random.chance(0.3) ? '-' : ''}${whole}${fraction}${exponent}`;
}

export function string(random: Random): string {
  if (random.chance(0.01)) return random.pick(NO_STRINGS);
  const part = (): string => {
    const kind = random.below(10);
    if (kind < 6) return random.pick(TEXTS);
    return kind < 9 ? random.pick(ESCAPES) : random.pick(PAIRS);
  };
  return `"${random.list(random.size(6), part).join('')}"`;
}

export function leaf(random: Random): string {
  const kind = random.below(10);
  if (kind < 5) return number(random);
  if (kind < 8) return string(random);
  return random.pick(['true', 'false', 'null']);
}

/** Any value, nested at most so deep. */
export function value(random: Random, depth = 5): string {
  const kind = depth === 0 ? 9 : random.below(10);
  if (kind < 3) return array(random, () => value(random, depth - 1));
  if (kind < 5) return object(random, depth);
  if (kind === 5 && random.chance(0.02)) return deep(random);
  return `${space(random)}${leaf(random)}${space(random)}`;
}

function array(random: Random, element: () => string): string {
  return `[${random.list(random.size(8), element).join(',')}${random.chance(0.01) ? ',' : ''}]`;
}

function object(random: Random, depth: number): string {
  const member = (): string => `${string(random)}${space(random)}:${value(random, depth - 1)}`;
  return `{${random.list(random.size(5), member).join(',')}}`;
}

/** Nesting about as deep as is allowed, or far beyond. */
function deep(random: Random): string {
  const depth = random.pick([98, 99, 100, 101, 102, 5000]);
  const opening = random.pick(['[', '{"a":', '[[],']);
  const closing = opening.startsWith('{') ? '}' : ']';
  return `${opening.repeat(depth)}1${closing.repeat(random.chance(0.9) ? depth : depth - 1)}`;
}

export const JSON_TOKENS: readonly Buffer[] = [
  NUMBERS,
  NO_NUMBERS,
  ESCAPES,
  PAIRS,
  TEXTS,
  NO_STRINGS,
  SPACES,
  SIGNS,
  BASE64,
].flatMap(texts => texts.map(text => Buffer.from(text)));
