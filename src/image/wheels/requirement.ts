/** What is asked for in one line: packaging specifications, "Dependency specifiers" (PEP 508). */
import { err, ok, type Result } from '#base';
import { type Marker, parseMarker } from './marker.ts';
import { normalName } from './project-name.ts';
import { parseSpecifiers, type Specifier } from './specifier.ts';

export interface Requirement {
  /** Normalised. */
  readonly name: string;
  /** Normalised. */
  readonly extras: readonly string[];
  readonly specifiers: readonly Specifier[];
  /** Where it lies, in place of a version: `name @ https://…`. */
  readonly url?: string;
  readonly marker?: Marker;
}

const HEAD = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*([\s\S]*)$/;

/** `numpy[extra]>=1.2; python_version < "3.12"`. The error is what is wrong with it. */
export function parseRequirement(text: string): Result<Requirement, string> {
  const [, name, extras = '', rest = ''] = HEAD.exec(text) ?? [];
  if (name === undefined) return err('it names no package');
  const split = /^@/.test(rest)
    ? /^@\s*(\S+)(?:\s+;([\s\S]*))?\s*$/.exec(rest)
    : /^([^;]*)(?:;([\s\S]*))?$/.exec(rest);
  if (split === null) return err(`'${rest.trim()}' is no URL`);
  const [, what = '', condition] = split;
  const marker = condition === undefined ? ok(undefined) : parseMarker(condition);
  if (!marker.ok) return marker;
  const place = rest.startsWith('@') ? { specifiers: [], url: what } : versionsOf(what);
  if (place === undefined) return err(`'${what.trim()}' is no version, nor a condition on one`);
  return ok({
    name: normalName(name),
    extras: extrasOf(extras),
    ...place,
    ...(marker.value !== undefined && { marker: marker.value }),
  });
}

/** Older tools put parentheses around them. */
function versionsOf(text: string): { specifiers: readonly Specifier[] } | undefined {
  const trimmed = text.trim();
  const inner = /^\(([^()]*)\)$/.exec(trimmed)?.[1] ?? trimmed;
  const specifiers = parseSpecifiers(inner);
  return specifiers === undefined ? undefined : { specifiers };
}

function extrasOf(text: string): readonly string[] {
  const names = text.split(',').map(one => normalName(one.trim()));
  return [...new Set(names.filter(one => one !== ''))].toSorted();
}
