import { err, ok, type Result } from '#base';
import type { Locked } from './lock.ts';
import { type OptionProblem, valuesOf } from './lock-options.ts';
import { PROJECT_NAME } from './project-name.ts';
import { parseRequirement, type Requirement } from './requirement.ts';
import { parseVersion } from './version.ts';
import { fileNameOf, parseWheelName } from './wheel-name.ts';

/** One package of a lock: what stands before its options, and those. */
export function locked(
  what: string,
  options: readonly string[],
  line: number,
): Result<Locked, OptionProblem> {
  const read = requirementOf(what);
  if (!read.ok) return err({ problem: `${shortened(what)}: ${read.error}` });
  const { name, extras, marker, url } = read.value;
  const version = versionOf(read.value);
  if (!version.ok) return err({ problem: `${name} ${version.error}` });
  const sha256 = hashesOf(options);
  if (!sha256.ok) return err({ ...sha256.error, problem: `${name} ${sha256.error.problem}` });
  const more = { ...(marker !== undefined && { marker }), ...(url !== undefined && { url }) };
  return ok({ name, extras, version: version.value, sha256: sha256.value, line, ...more });
}

/** A URL alone has its name in that of the wheel. */
function requirementOf(what: string): Result<Requirement, string> {
  if (/^[^/:]*@\s/.test(what)) return parseRequirement(what);
  const isPlace =
    /^[a-z][a-z0-9+.-]*:\/\//i.test(what) ||
    /^(?:\.{0,2}\/|~)/.test(what) ||
    /\.(?:whl|zip|tar\.gz)$/i.test(what);
  if (!isPlace) return parseRequirement(what);
  const name = parseWheelName(fileNameOf(what.replace(/\s;.*$/, '')))?.name;
  if (name === undefined || !what.includes('://') || !PROJECT_NAME.test(name))
    return err(
      'it is a path or an address, and only a wheel can be given so: name @ https://…/name-1.0-py3-none-any.whl',
    );
  return parseRequirement(`${name} @ ${what}`);
}

function versionOf({ specifiers, url }: Requirement): Result<string, string> {
  if (url !== undefined) return versionOfUrl(url);
  const [only, ...others] = specifiers;
  const isPin = only !== undefined && others.length === 0 && /^={2,3}$/.test(only.operator) && !only.isPrefix;
  if (!isPin || parseVersion(only.text) === undefined) return err('is not pinned to one version with ==');
  return ok(only.text);
}

function versionOfUrl(url: string): Result<string, string> {
  if (!/^(?:https?|file):\/\//i.test(url) || !URL.canParse(url))
    return err('does not come from https://, or a file:// of this machine');
  const wheel = parseWheelName(fileNameOf(url));
  return wheel === undefined ? err('comes from an address of something that is no wheel') : ok(wheel.version);
}

function hashesOf(options: readonly string[]): Result<readonly string[], OptionProblem> {
  const read = valuesOf(options);
  if (!read.ok) return read;
  const other = read.value.find(({ option }) => option !== '--hash');
  if (other !== undefined)
    return err({
      problem: `has the option ${other.option}, which is only for what is built from its sources`,
    });
  const hashes = read.value.map(({ value }) => value.toLowerCase());
  const sha256 = hashes.flatMap(hash => /^sha256:([0-9a-f]{64})$/.exec(hash)?.[1] ?? []);
  if (sha256.length > 0) return ok([...new Set(sha256)]);
  return err({
    problem: hashes.length === 0 ? 'has no hash' : 'has no hash that is sha256: and 64 hex digits',
  });
}

function shortened(text: string): string {
  return `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`;
}
