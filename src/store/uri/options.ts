import { err, ok, percentDecoded, type Result, suggest } from '#base';
import type { UriProblem } from './reference.ts';

/** How the value of an option is written: any text, one of some words, or true or false. */
export type OptionKind = 'text' | 'flag' | readonly string[];

/** What options read with `Kinds` are. */
export type OptionsOf<Kinds extends Readonly<Record<string, OptionKind>>> = {
  -readonly [Name in keyof Kinds]?: Kinds[Name] extends 'flag'
    ? boolean
    : Kinds[Name] extends readonly (infer Word)[]
      ? Word
      : string;
};

/** A URI without its options, and these. */
export interface Split<Kinds extends Readonly<Record<string, OptionKind>>> {
  readonly rest: string;
  readonly options: OptionsOf<Kinds>;
}

/**
 * Reads what stands behind the last `?` of a URI: `?endpoint=http://minio:9000&anonymous=true`, percent-encoded where it must be.
 * An option that is not known, comes twice or has no such value is a problem, since it would be ignored. A `?` with no `=`
 * behind it is part of a name, as keys of objects may have one; one before something with a `=` is written `%3F`.
 */
export function splitOptions<const Kinds extends Readonly<Record<string, OptionKind>>>(
  uri: string,
  kinds: Kinds,
): Result<Split<Kinds>, UriProblem> {
  const at = uri.lastIndexOf('?');
  const query = at === -1 ? '' : uri.slice(at + 1);
  if (!query.includes('=')) return ok({ rest: uri, options: {} });
  const options: Record<string, string | boolean> = {};
  for (const pair of query.split('&')) {
    const option = optionOf(pair, kinds);
    const problem = 'problem' in option ? option : twice(option.name, options);
    if (problem !== undefined) return err({ uri, ...problem });
    if ('value' in option) options[option.name] = option.value;
  }
  return ok({ rest: uri.slice(0, at), options: options as OptionsOf<Kinds> });
}

type Problem = Omit<UriProblem, 'uri'>;

function optionOf(
  pair: string,
  kinds: Readonly<Record<string, OptionKind>>,
): { name: string; value: string | boolean } | Problem {
  const [name = '', ...rest] = pair.split('=');
  if (!Object.hasOwn(kinds, name)) return unknown(name, Object.keys(kinds));
  const text = percentDecoded(rest.join('='));
  const value = text === undefined ? undefined : valueOf(text, kinds[name] ?? 'text');
  return value === undefined ? { problem: `the option '${name}' has no such value` } : { name, value };
}

function unknown(name: string, known: readonly string[]): Problem {
  const near = suggest(name, known);
  const problem =
    known.length === 0
      ? `the option '${name}' is not known`
      : `the option '${name}' is none of ${known.join(', ')}`;
  return { problem, remedy: near && `?${near}=…` };
}

function twice(name: string, options: Readonly<Record<string, unknown>>): Problem | undefined {
  return Object.hasOwn(options, name) ? { problem: `the option '${name}' is given twice` } : undefined;
}

function valueOf(text: string, kind: OptionKind): string | boolean | undefined {
  if (kind === 'flag') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (text === '') return undefined;
  return kind === 'text' || kind.includes(text) ? text : undefined;
}
