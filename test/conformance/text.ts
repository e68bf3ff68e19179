/** JSON as it must be written and read here: exact 64-bit integers, NaN tokens, members in a given order or twice. */

/** Text that stands in JSON as it is, valid or not. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Verbatim
  | readonly Json[]
  | { readonly [name: string]: Json };

/** What stands in JSON as it is written here. */
export const verbatim = (text: string): Verbatim => new Verbatim(text);

/** As `JSON.stringify`, but bigints are numbers and `Verbatim` is itself. */
export function textOf(value: Json): string {
  if (value instanceof Verbatim) return value.text;
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(textOf).join(',')}]`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`).join(',')}}`;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d[\d.eE+-]*/g;
const NUMBER = '\u0001';

/** As `JSON.parse`, but integers beyond 2^53 are bigints, and NaN, Infinity and -Infinity are numbers. */
export function readExact(text: string): unknown {
  const marked = text.replaceAll(TOKEN, token => (token.startsWith('"') ? token : `"\\u0001${token}"`));
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(NUMBER) ? numberOf(value.slice(1)) : value,
  );
}

function numberOf(token: string): number | bigint {
  const number = Number(token);
  return /^-?\d+$/.test(token) && !Number.isSafeInteger(number) ? BigInt(token) : number;
}
