/** What a base has of a system that a server never uses. */
import { imageText } from '../../image-name.ts';
import { type Candidate, isBelow, largestText, OWN_BASE, withoutInBase } from '../candidate.ts';
import type { Laid, Placed } from '../placed.ts';

interface Kind {
  readonly id: string;
  readonly what: string;
  readonly why: string;
  readonly isOne: (file: Placed) => boolean;
  readonly change: (files: readonly Placed[], laid: Laid) => string;
}

const PERL = /^deb:(?:perl|perl-modules-[\d.]+|libperl[\d.]+)$/;
/** Tools to build with, and what only they read. */
const BUILDING =
  /^deb:(?:gcc|g\+\+|cpp|binutils|clang|llvm|make|cmake|autoconf|automake|dpkg-dev|patch|git|mercurial|subversion)(?:[-\d:].*)?$|^deb:.*-dev$/;
const STDLIB = /^usr\/(?:local\/)?lib\/python3(?:\.\d+)?\//;
const STDLIB_SPARE =
  /^usr\/(?:local\/)?lib\/python3(?:\.\d+)?\/(?:test|idlelib|tkinter|turtledemo|lib2to3|ensurepip|(?:\w+\/)?tests?|config-[^/]*)\//;
const PIP = /\/python3(?:\.\d+)?\/(?:site|dist)-packages\/pip(?:-[^/]*)?\//;
const COMPILED = /\/__pycache__\/([^/]+)\.cpython-\d+(?:\.opt-\d)?\.pyc$/;
const DOCS = ['usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/doc', 'usr/share/lintian'];
const CACHES = ['var/lib/apt/lists', 'var/cache', 'var/log', 'root/.cache', 'root/.npm', 'tmp', 'var/tmp'];
const HEADERS = ['usr/include', 'usr/local/include'];

const KINDS: readonly Kind[] = [
  {
    id: 'caches',
    what: 'lists, caches and logs of package managers',
    why: 'They are of use to the next installation only, and nothing is installed in an image that runs.',
    isOne: ({ path }) => CACHES.some(folder => isBelow(path, folder)),
    change: files => withoutInBase(files, CACHES),
  },
  {
    id: 'build-tools',
    what: 'compilers, headers and version control',
    why: 'Packages are built with them; a server is not, unless it compiles at run time (`torch.compile`).',
    isOne: ({ owner = '' }) => BUILDING.test(owner),
    change: (files, laid) => slimmer(laid) ?? purged(files),
  },
  {
    id: 'perl',
    what: 'Perl',
    why: 'Nothing that fairlead lays into an image is written in it. `perl-base`, which Debian needs, stays.',
    isOne: ({ owner = '' }) => PERL.test(owner),
    change: purged,
  },
  {
    id: 'symbols',
    what: 'symbols for debuggers',
    why: 'Only a debugger reads them.',
    isOne: ({ path }) => path.startsWith('usr/lib/debug/') || path.endsWith('.debug'),
    change: () =>
      `${OWN_BASE}: find / -xdev '(' -path '/usr/lib/debug/*' -o -name '*.debug' ')' -type f -delete`,
  },
  {
    id: 'pip',
    what: 'pip',
    why: 'What is installed was laid by the build, without pip.',
    isOne: ({ path }) => PIP.test(path),
    change: files => withoutInBase(files, foldersOf(files, PIP)),
  },
  {
    id: 'stdlib',
    what: "tests and desktop programs of Python's own library",
    why: 'A server imports none of test, idlelib, tkinter, turtledemo, lib2to3 and ensurepip.',
    isOne: ({ path }) => STDLIB_SPARE.test(path),
    change: files => withoutInBase(files, foldersOf(files, STDLIB_SPARE)),
  },
  {
    id: 'static-libraries',
    what: 'static libraries',
    why: 'Only a linker reads them.',
    isOne: ({ path }) => /^(?:usr|lib|opt)\/.*\.(?:a|la)$/.test(path) && !path.includes('/site-packages/'),
    change: () => `${OWN_BASE}: find / -xdev '(' -name '*.a' -o -name '*.la' ')' -delete`,
  },
  {
    id: 'headers',
    what: 'headers',
    why: 'Only a compiler reads them.',
    isOne: ({ path }) => HEADERS.some(folder => isBelow(path, folder)),
    change: files => withoutInBase(files, HEADERS),
  },
  {
    id: 'documentation',
    what: 'manuals, translations and documentation',
    why: 'Nobody reads them in a container. Licences (`copyright`) stay.',
    isOne: ({ path }) => DOCS.some(folder => isBelow(path, folder)) && !path.endsWith('/copyright'),
    change: files => `${OWN_BASE}: find ${namedIn(files, DOCS)} -type f ! -name copyright -delete`,
  },
];

/** Each in a base only: what lies over it is what a recipe wants. */
export function systemLeftovers(laid: Laid): readonly Candidate[] {
  const base = laid.files.filter(({ role, isReplaced }) => role === 'base' && !isReplaced);
  const found = KINDS.map(({ id, what, why, isOne, change }) => {
    const files = base.filter(isOne);
    return { id, what, why: whyOf(why, files), change: change(files, laid), files };
  });
  return [...found, compiled(base)];
}

function whyOf(why: string, files: readonly Placed[]): string {
  const owned = files.filter(({ owner }) => owner !== undefined);
  if (owned.length < files.length || owned.length === 0) return why;
  return `${why} ${largestText(files, nameOf)}.`;
}

/** What is compiled from a file beside it. */
function compiled(base: readonly Placed[]): Candidate {
  const paths = new Set(base.map(({ path }) => path));
  const files = base.filter(({ path }) => {
    const name = COMPILED.exec(path)?.[1];
    return (
      STDLIB.test(path) &&
      name !== undefined &&
      paths.has(path.replace(/__pycache__\/[^/]+$/, '') + `${name}.py`)
    );
  });
  return {
    id: 'compiled-python',
    what: "Python's own library, compiled",
    why: 'Python compiles what it imports, then at each start, which takes a moment more.',
    change: `${OWN_BASE}: find ${foldersOf(files, STDLIB)
      .map(folder => `/${folder}`)
      .join(' ')} -name '*.pyc' -delete`,
    files,
  };
}

function purged(files: readonly Placed[]): string {
  const names = [...new Set(files.map(nameOf))].toSorted();
  const most = 6;
  const more = names.length > most ? ' …' : '';
  return `${OWN_BASE}: apt-get purge -y ${names.slice(0, most).join(' ')}${more}`;
}

function nameOf({ owner = '' }: Placed): string {
  return owner.slice(owner.indexOf(':') + 1);
}

function namedIn(files: readonly Placed[], folders: readonly string[]): string {
  return folders
    .filter(folder => files.some(({ path }) => isBelow(path, folder)))
    .map(folder => `/${folder}`)
    .join(' ');
}

/** What a pattern that ends with a folder finds, up to that. */
function foldersOf(files: readonly Placed[], pattern: RegExp): string[] {
  const found = files.flatMap(({ path }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [path.slice(0, match.index + match[0].length - 1)];
  });
  return [...new Set(found)].toSorted();
}

/** Of Docker's own images that have a smaller kind: that. */
function slimmer({ image: { base } }: Laid): string | undefined {
  const { registry, repository, tag } = base.name;
  const [, name] = /(?:^|\/)(node|python|debian)$/.exec(repository) ?? [];
  if (name === undefined || tag === undefined || tag.includes('slim') || tag.includes('alpine'))
    return undefined;
  const [version = '', ...release] = tag.split('-');
  const slim = name === 'python' ? [version, 'slim', ...release] : [version, ...release, 'slim'];
  return `--base ${imageText({ registry, repository, tag: slim.join('-') })}`;
}
