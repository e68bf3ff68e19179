import { err, ok, type Result } from '#base';
import type { Locked } from './lock.ts';
import { normalName } from './project-name.ts';
import { compareVersions, parseVersion } from './version.ts';
import { parseWheelName, type WheelName } from './wheel-name.ts';

/** A file that an index offers. */
export interface Offered {
  readonly file: string;
  /** 64 hex digits, where the index says it. */
  readonly sha256?: string | undefined;
}

/** The wheel that fits best, of those whose bytes are locked. The error is why there is none, as a sentence. */
export function chosen<O extends Offered>(
  { name, version, sha256 }: Pick<Locked, 'name' | 'version' | 'sha256'>,
  offered: readonly O[],
  ranks: ReadonlyMap<string, number>,
): Result<O, string> {
  const ours = offered.filter(one => one.sha256 === undefined || sha256.includes(one.sha256));
  const wheels = ours.flatMap(one => {
    const wheel = parseWheelName(one.file);
    return wheel !== undefined && wheel.name === name && isVersion(wheel.version, version)
      ? [{ one, wheel }]
      : [];
  });
  const fitting = wheels.filter(({ wheel }) => rankOf(wheel, ranks) !== undefined);
  const [best] = fitting.toSorted((a, b) => compareWheels(a.wheel, b.wheel, ranks));
  return best === undefined
    ? err(
        reasonOf(
          { name, version },
          offered,
          ours,
          wheels.map(({ wheel }) => wheel),
        ),
      )
    : ok(best.one);
}

/** Spellings of one version are the same. */
export function isVersion(a: string, b: string): boolean {
  const [one, other] = [parseVersion(a), parseVersion(b)];
  return one === undefined || other === undefined ? a === b : compareVersions(one, other) === 0;
}

function rankOf({ tags }: WheelName, ranks: ReadonlyMap<string, number>): number | undefined {
  const found = tags.flatMap(tag => ranks.get(tag) ?? []);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** Of two that are for the same, the later build; then by name, so that the order in which they are offered says nothing. */
function compareWheels(a: WheelName, b: WheelName, ranks: ReadonlyMap<string, number>): number {
  return (
    (rankOf(a, ranks) ?? 0) - (rankOf(b, ranks) ?? 0) ||
    b.build[0] - a.build[0] ||
    (b.build[1] < a.build[1] ? -1 : Number(b.build[1] > a.build[1])) ||
    (a.file < b.file ? -1 : 1)
  );
}

function reasonOf(
  { name, version }: Pick<Locked, 'name' | 'version'>,
  offered: readonly Offered[],
  ours: readonly Offered[],
  wheels: readonly WheelName[],
): string {
  const ofVersion = offered.filter(({ file }) => isOf(file, name, version));
  if (ofVersion.length === 0) return 'there is no such version';
  if (!ours.some(({ file }) => isOf(file, name, version)))
    return 'it is offered, but with none of the hashes that are locked';
  if (wheels.length === 0) return 'of what is locked there is only source';
  const platforms = wheels.map(({ tags }) => tags[0] ?? '').toSorted();
  const more = platforms.length > 4 ? ` and ${platforms.length - 4} more` : '';
  return `those that are locked are for ${platforms.slice(0, 4).join(', ')}${more}`;
}

/** A wheel, or an archive of sources, by its name. */
function isOf(file: string, name: string, version: string): boolean {
  const wheel = parseWheelName(file);
  const [, own, of] = /^(.+)-([^-]+)\.(?:tar\.\w+|tgz|zip)$/.exec(file) ?? [];
  const found =
    wheel ?? (own === undefined || of === undefined ? undefined : { name: normalName(own), version: of });
  return found !== undefined && found.name === name && isVersion(found.version, version);
}
