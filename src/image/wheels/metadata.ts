/** What a wheel says of itself: packaging specifications, "Core metadata". */
import { licenceOfMetadata } from '../contents/licence.ts';
import type { Requirement } from './requirement.ts';
import { parseRequirement } from './requirement.ts';

export interface Metadata {
  /** As it was written. */
  readonly name: string;
  readonly version: string;
  /** A condition on Python's version. */
  readonly requiresPython: string | undefined;
  /** Those that can be read; what is no requirement is no condition either, as tools have it that installed such. */
  readonly requires: readonly Requirement[];
  /** As SPDX writes it, where it is told so that nobody has to guess. */
  readonly licence: string | undefined;
}

/** Headers as of mail, till the first empty line. */
export function parseMetadata(text: string): Metadata {
  const headers = headersOf(text);
  const all = (name: string): readonly string[] =>
    headers.flatMap(([one, value]) => (one === name ? [value] : []));
  const requires = all('requires-dist').flatMap(value => {
    const read = parseRequirement(value);
    return read.ok ? [read.value] : [];
  });
  return {
    name: all('name')[0] ?? '',
    version: all('version')[0] ?? '',
    requiresPython: all('requires-python')[0],
    requires,
    licence: licenceOfMetadata(headOf(text)),
  };
}

function headersOf(text: string): readonly (readonly [string, string])[] {
  return headOf(text)
    .split(/\r?\n/)
    .flatMap(line => {
      const [, name, value = ''] = /^([A-Za-z0-9-]+):[ \t]*(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value.trim()] as const];
    });
}

/** What stands before the description, each field in a line of its own. */
function headOf(text: string): string {
  const end = /\r?\n\r?\n/.exec(text)?.index;
  return text.slice(0, end).replaceAll(/\r?\n[ \t]+/g, ' ');
}
