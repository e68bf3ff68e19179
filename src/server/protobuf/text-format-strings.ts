/** Strings of protobuf's text format: what their escapes stand for. */

const letters: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '?': 63,
  '\\': 92,
  "'": 39,
  '"': 34,
};

/** In order: one letter; up to three octal digits; one or two hexadecimal ones; a code point of 4 or of 8 of them. */
const ESCAPE =
  /\\(?:([abfnrtv?\\'"])|([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;

/** The bytes of a literal without its quotes, or what is wrong with it. */
export function unescaped(literal: string): Buffer | string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < literal.length) {
    const slash = literal.indexOf('\\', at);
    const end = slash === -1 ? literal.length : slash;
    if (end > at) parts.push(Buffer.from(literal.slice(at, end)));
    if (slash === -1) break;
    const escape = escapeAt(literal, slash);
    if (typeof escape === 'string') return escape;
    parts.push(escape.bytes);
    at = escape.end;
  }
  return Buffer.concat(parts);
}

interface Escape {
  readonly bytes: Buffer;
  readonly end: number;
}

function escapeAt(literal: string, at: number): Escape | string {
  ESCAPE.lastIndex = at;
  const [whole, letter, octal, hex, short, long] = ESCAPE.exec(literal) ?? [];
  if (whole === undefined) return `expected an escape, found '${literal.slice(at, at + 2).toWellFormed()}'`;
  const end = at + whole.length;
  if (letter !== undefined) return { bytes: Buffer.of(letters[letter] ?? 0), end };
  if (octal !== undefined) return byte(Number.parseInt(octal, 8), whole, end);
  if (hex !== undefined) return byte(Number.parseInt(hex, 16), whole, end);
  return codePoint(literal, Number.parseInt(short ?? long ?? '', 16), { whole, end });
}

function byte(value: number, whole: string, end: number): Escape | string {
  if (value > 255) return `expected an escape of a byte, found '${whole}'`;
  return { bytes: Buffer.of(value), end };
}

/** Two short escapes may be one code point, as UTF-16 writes it. */
function codePoint(
  literal: string,
  value: number,
  { whole, end }: { readonly whole: string; readonly end: number },
): Escape | string {
  const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(literal.slice(end, end + 6))?.[1];
  if (whole.startsWith('\\u') && value >= 0xd800 && value < 0xdc00 && low !== undefined) {
    const text = String.fromCharCode(value, Number.parseInt(low, 16));
    return { bytes: Buffer.from(text), end: end + 6 };
  }
  if (value > 0x10_ff_ff || (value >= 0xd800 && value < 0xe000))
    return `expected an escape of a character, found '${whole}'`;
  return { bytes: Buffer.from(String.fromCodePoint(value)), end };
}
