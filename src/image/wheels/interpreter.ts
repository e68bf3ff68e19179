import { posix } from 'node:path';
import { err, ok, type Result } from '#base';
import type { BaseContents, BaseImage } from '../base-image.ts';
import { followed } from './followed.ts';
import type { Python } from './target.ts';

export interface Interpreter extends Python {
  /** Its program, with the slash before it: `/usr/local/bin/python3.11`. */
  readonly path: string;
}

const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';
/** The first that packages of today are made for. */
const OLDEST_MINOR = 7;
const NAME = /^python3\.(\d+)$/;

/** The Python of a base, looked for where its PATH leads. The error is why it has none, worded to follow its name. */
export function interpreterOf({
  contents,
  config,
}: Pick<BaseImage, 'contents' | 'config'>): Result<Interpreter, string> {
  const variables = new Map((config.config?.Env ?? []).map(pair => splitPair(pair)));
  const folders = (variables.get('PATH') ?? USUAL_PATH).split(':').filter(folder => folder.startsWith('/'));
  for (const folder of folders) {
    const found = inFolder(folder, contents);
    if (found === undefined) continue;
    const { path, minor } = found;
    if (minor < OLDEST_MINOR)
      return err(
        `its Python is 3.${minor}, and 3.${OLDEST_MINOR} is the oldest that wheels are installed for`,
      );
    return ok({ path, minor, version: versionOf(minor, variables.get('PYTHON_VERSION'), contents) });
  }
  return err('it has no Python 3 where its PATH leads, which requirements need');
}

function splitPair(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** What `python3` leads to, or else the newest that has its version in its name. */
function inFolder(folder: string, contents: BaseContents): { path: string; minor: number } | undefined {
  const usual = programAt(posix.join(folder, 'python3'), contents);
  if (usual !== undefined) return usual;
  const prefix = folder === '/' ? '' : `${folder.slice(1).replace(/\/$/, '')}/`;
  const names = [...contents.files.keys()].filter(
    path => path.startsWith(prefix) && NAME.test(path.slice(prefix.length)),
  );
  const programs = names.flatMap(path => programAt(`/${path}`, contents) ?? []);
  return programs.toSorted((a, b) => b.minor - a.minor)[0];
}

/** A file that says by its name, or by the library beside it, which version it is. */
function programAt(path: string, contents: BaseContents): { path: string; minor: number } | undefined {
  const found = followed(path, contents);
  if (found === undefined || contents.files.get(found)?.kind !== 'file') return undefined;
  const minor =
    NAME.exec(posix.basename(found))?.[1] ?? minorOfLibrary(posix.dirname(posix.dirname(found)), contents);
  return minor === undefined ? undefined : { path: `/${found}`, minor: Number(minor) };
}

function minorOfLibrary(prefix: string, { files }: BaseContents): string | undefined {
  const shape = /^lib(?:64)?\/python3\.(\d+)\/os\.py$/;
  for (const path of files.keys()) {
    const minor = path.startsWith(`${prefix}/`) ? shape.exec(path.slice(prefix.length + 1))?.[1] : undefined;
    if (minor !== undefined) return minor;
  }
  return undefined;
}

/** What Docker's images of Python say of themselves, or a package; where nobody tells, the first of its kind. */
function versionOf(minor: number, told: string | undefined, { packages }: BaseContents): string {
  const names = [
    `python3.${minor}`,
    `libpython3.${minor}-minimal`,
    `python3.${minor}-minimal`,
    'python3',
    `python-3.${minor}`,
  ];
  const versions = names.flatMap(name => packages.find(one => one.name === name)?.version ?? []);
  const all = [...(told === undefined ? [] : [told]), ...versions];
  const found = all
    .map(text => /^(?:\d+:)?(3\.(\d+)\.\d+(?:(?:a|b|rc)\d+)?)/.exec(text))
    .find(match => Number(match?.[2]) === minor);
  return found?.[1] ?? `3.${minor}.0`;
}
