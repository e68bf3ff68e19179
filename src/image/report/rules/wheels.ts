/** What packages of Python have beside what is imported. */
import { spareable } from '../../wheels/spareable.ts';
import { type Candidate, largestText, OWN_BASE } from '../candidate.ts';
import type { Laid, Placed } from '../placed.ts';

const PACKAGE = /\/site-packages\/([^/]+)/;

const WHYS: Readonly<Record<string, { readonly what: string; readonly why: string }>> = {
  tests: { what: 'tests of packages', why: 'Servers run no tests; a few packages import some of their own.' },
  'sources and headers': { what: 'sources and headers of packages', why: 'Only a compiler reads them.' },
  'type stubs': { what: 'type stubs of packages', why: 'Only editors and type checkers read them.' },
  'compiled again when it is imported': {
    what: 'packages, compiled',
    why: 'Python compiles what it imports, then at each start, which takes a moment more.',
  },
};

/** Told of where they lie over the base, and of a base that has packages of its own. */
export function wheelLeftovers({ files }: Laid): readonly Candidate[] {
  return Object.entries(WHYS).flatMap(([kind, { what, why }]) => {
    const all = files.filter(({ path, isReplaced }) => !isReplaced && spareable(path) === kind);
    return [true, false].map(isBase => {
      const found = all.filter(({ role }) => (role === 'base') === isBase);
      return {
        id: `${isBase ? 'base-' : ''}${kind.replaceAll(' ', '-')}`,
        what: isBase ? `${what} of the base` : what,
        why: `${why} ${largestText(found, packageOf)}.`,
        change: isBase
          ? OWN_BASE
          : 'a base of your own, with the packages and without these, as --base, and no --requirements: wheels are laid whole',
        files: found,
      };
    });
  });
}

function packageOf({ path }: Placed): string {
  return PACKAGE.exec(path)?.[1] ?? path;
}
