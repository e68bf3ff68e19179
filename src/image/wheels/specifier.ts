/** Conditions on versions: the "Version specifiers" page of the packaging specifications (PEP 440). */
import { compareReleases, compareVersions, parseVersion, type Version } from './version.ts';

const OPERATORS = ['===', '~=', '==', '!=', '<=', '>=', '<', '>'] as const;
type Operator = (typeof OPERATORS)[number];

export interface Specifier {
  readonly operator: Operator;
  /** As it was written, without `.*`. */
  readonly text: string;
  /** Undefined of `===`, which compares texts. */
  readonly version: Version | undefined;
  /** `== 1.4.*` */
  readonly isPrefix: boolean;
}

/** `>=1.2,!=1.3.*`; none for no text. Undefined for what is none. */
export function parseSpecifiers(text: string): readonly Specifier[] | undefined {
  const parts = text.split(',').map(part => part.trim());
  const specifiers = parts.filter(part => part !== '').map(parseSpecifier);
  return specifiers.every(one => one !== undefined) ? specifiers : undefined;
}

function parseSpecifier(text: string): Specifier | undefined {
  const operator = OPERATORS.find(one => text.startsWith(one));
  if (operator === undefined) return undefined;
  const rest = text.slice(operator.length).trim();
  if (operator === '===')
    return /^[^\s;)]+$/.test(rest)
      ? { operator, text: rest, version: undefined, isPrefix: false }
      : undefined;
  const isPrefix = rest.endsWith('.*') && (operator === '==' || operator === '!=');
  const written = isPrefix ? rest.slice(0, -2) : rest;
  const version = parseVersion(written);
  return version === undefined || !mayHave(operator, version, isPrefix)
    ? undefined
    : { operator, text: written, version, isPrefix };
}

/** What comes before `.*` is the number of a release, and `~=` needs something to leave out. */
function mayHave(operator: Operator, version: Version, isPrefix: boolean): boolean {
  const { release, pre, post, dev, local } = version;
  if (isPrefix) return [pre, post, dev, local].every(part => part === undefined);
  if (operator === '~=') return release.length > 1 && local === undefined;
  return local === undefined || operator === '==' || operator === '!=';
}

/** Whether a version is one of those. Pre-releases count: who asks has chosen it already. */
export function admits(specifiers: readonly Specifier[], text: string): boolean {
  const version = parseVersion(text);
  return specifiers.every(one => isAdmitted(one, text, version));
}

function isAdmitted(specifier: Specifier, text: string, version: Version | undefined): boolean {
  const { operator, version: limit, isPrefix } = specifier;
  if (limit === undefined) return text.trim().toLowerCase() === specifier.text.toLowerCase();
  if (version === undefined) return false;
  const { local: _, ...publicVersion } = version;
  if (isPrefix) return hasPrefix(version, limit) === (operator === '==');
  switch (operator) {
    case '==':
    case '!=':
      return (
        (compareVersions(limit.local === undefined ? publicVersion : version, limit) === 0) ===
        (operator === '==')
      );
    case '<=':
      return compareVersions(publicVersion, limit) <= 0;
    case '>=':
      return compareVersions(publicVersion, limit) >= 0;
    case '~=':
      return compareVersions(publicVersion, limit) >= 0 && hasPrefix(version, seriesOf(limit));
    case '<':
      return isBefore(version, limit);
    default:
      return isAfter(version, limit);
  }
}

/** `1.4.2` is of the series `1.4`. */
function seriesOf({ epoch, release }: Version): Version {
  return { epoch, release: release.slice(0, -1) };
}

function hasPrefix({ epoch, release }: Version, prefix: Version): boolean {
  const start = release.slice(0, prefix.release.length);
  return epoch === prefix.epoch && compareReleases(start, prefix.release) === 0;
}

/** A trial of 2.0 is not meant by `<2.0`. */
function isBefore(version: Version, limit: Version): boolean {
  if (compareVersions(version, limit) >= 0) return false;
  const isOfBuild = version.pre === undefined && version.post === limit.post;
  const isOfLimit = isSameRelease(version, limit) && (limit.post === undefined || isOfBuild);
  return isTrial(limit) || !isTrial(version) || !isOfLimit;
}

/** Neither a later build of 2.0 nor one of somebody's own is meant by `>2.0`: what they are built of must come after it. */
function isAfter(version: Version, limit: Version): boolean {
  const { epoch, release, pre, post, dev } = version;
  const built = { epoch, release, ...(pre !== undefined && { pre }) };
  if (post !== undefined && limit.post === undefined) return compareVersions(built, limit) > 0;
  const unnamed = { ...built, ...(post !== undefined && { post }), ...(dev !== undefined && { dev }) };
  return compareVersions(unnamed, limit) > 0;
}

function isTrial({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined;
}

function isSameRelease(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && compareReleases(a.release, b.release) === 0;
}

export function specifiersText(specifiers: readonly Specifier[]): string {
  return specifiers
    .map(({ operator, text, isPrefix }) => `${operator}${text}${isPrefix ? '.*' : ''}`)
    .join(',');
}
