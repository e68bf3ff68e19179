import { err, ok, type Result } from '#base';
import { isVersion } from './choose.ts';
import type { Lock, Locked, LockProblem } from './lock.ts';
import { holds } from './marker-value.ts';
import { environmentOf, type Target } from './target.ts';

/** What of a lock is for a target, each name once, by name. */
export function wantedOf(lock: Lock, target: Target): Result<readonly Locked[], LockProblem> {
  const environment = environmentOf(target);
  const byName = new Map<string, Locked>();
  for (const one of lock.packages) {
    if (!holds(one.marker, environment)) continue;
    const before = byName.get(one.name);
    const joined = before === undefined ? one : joinedOf(before, one);
    if (joined === undefined) return err(twice(one, before?.version ?? ''));
    byName.set(one.name, joined);
  }
  const source = [...byName.values()].find(({ name }) =>
    lock.noBinary.some(one => one === ':all:' || one === name),
  );
  if (source !== undefined) return err(onlySource(source));
  return ok([...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}

/** The same version, asked for twice, as with other extras. */
function joinedOf(a: Locked, b: Locked): Locked | undefined {
  if (!isVersion(a.version, b.version) || a.url !== b.url) return undefined;
  const extras = [...new Set([...a.extras, ...b.extras])].toSorted();
  return { ...a, extras, sha256: [...new Set([...a.sha256, ...b.sha256])] };
}

function twice({ name, version, line }: Locked, before: string): LockProblem {
  return {
    problem: `line ${line}: ${name} is locked as ${version}, and as ${before} before that`,
    remedy: 'leave one of them out, or give them markers that exclude each other',
  };
}

function onlySource({ name }: Locked): LockProblem {
  return {
    problem: `it wants ${name} to be built from its sources (--no-binary), and only wheels are installed`,
    remedy:
      'leave that option out, or build a wheel, and name its folder with --find-links and its hash with --hash',
  };
}
