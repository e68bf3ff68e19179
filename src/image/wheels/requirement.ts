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
  const place = rest.startsWith('@') ? urlOf(rest) : versionsOf(rest);
  if (!place.ok) return place;
  const { condition, ...where } = place.value;
  const what = { name: normalName(name), extras: extrasOf(extras), ...where };
  if (condition === undefined) return ok(what);
  const marker = parseMarker(condition);
  return marker.ok ? ok({ ...what, marker: marker.value }) : marker;
}

interface Place extends Pick<Requirement, 'specifiers' | 'url'> {
  /** What stands behind the semicolon. */
  readonly condition?: string | undefined;
}

/** A semicolon may be of the URL; one with a space before it is not. */
function urlOf(rest: string): Result<Place, string> {
  const [, url, condition] = /^@\s*(\S+)(?:\s+;([\s\S]*))?\s*$/.exec(rest) ?? [];
  return url === undefined ? err(`'${rest.trim()}' is no URL`) : ok({ specifiers: [], url, condition });
}

/** Older tools put parentheses around them. */
function versionsOf(rest: string): Result<Place, string> {
  const [, what = '', condition] = /^([^;]*)(?:;([\s\S]*))?$/.exec(rest) ?? [];
  const trimmed = what.trim();
  const specifiers = parseSpecifiers(/^\(([^()]*)\)$/.exec(trimmed)?.[1] ?? trimmed);
  if (specifiers === undefined) return err(`'${trimmed}' is no version, nor a condition on one`);
  return ok({ specifiers, condition });
}

function extrasOf(text: string): readonly string[] {
  const names = text.split(',').map(one => normalName(one.trim()));
  return [...new Set(names.filter(one => one !== ''))].toSorted();
}
