/** Where what a wheel holds is put: packaging specifications, "Binary distribution format" (PEP 427). */
import { err, ok, type Result } from '#base';
import { isVersion } from './choose.ts';
import { normalName } from './project-name.ts';
import { VENV } from './venv.ts';

/** Of one wheel. */
export interface Ground {
  readonly name: string;
  readonly version: string;
  readonly minor: number;
  /** Of packages, in the image. */
  readonly site: string;
}

export interface Place {
  /** In the image. */
  readonly path: string;
  readonly isScript: boolean;
}

/** Its own folder of facts: `numpy-2.4.6.dist-info`, of which there must be one. The error follows the wheel's name. */
export function distInfoOf(
  paths: readonly string[],
  { name, version }: Pick<Ground, 'name' | 'version'>,
): Result<string, string> {
  const folders = new Set(paths.flatMap(path => /^([^/]+\.dist-info)\//.exec(path)?.[1] ?? []));
  const [folder = ''] = folders;
  if (folders.size !== 1) return err(`has ${folders.size} folders of the kind .dist-info, and 1 is expected`);
  const [, own = '', of = ''] = /^(.+)-([^-]+)\.dist-info$/.exec(folder) ?? [];
  const isOwn = normalName(own) === name && isVersion(of, version);
  return isOwn ? ok(folder) : err(`holds ${folder}, which is of another package`);
}

/** Of a path of a wheel. The error follows that path. */
export function placeOf(path: string, ground: Ground): Result<Place, string> {
  const [, own = '', of = '', scheme, rest = ''] = /^([^/]+)-([^/-]+)\.data\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (scheme === undefined) return checked({ path: `${ground.site}/${path}`, isScript: false });
  if (normalName(own) !== ground.name || !isVersion(of, ground.version))
    return err('is data of another package');
  const folder = folderOf(scheme, ground);
  if (folder === undefined) return err(`is data of the kind '${scheme}', which is put nowhere`);
  return checked({ path: `${folder}/${rest}`, isScript: scheme === 'scripts' });
}

function folderOf(scheme: string, { site, name, minor }: Ground): string | undefined {
  const folders = new Map([
    ['purelib', site],
    ['platlib', site],
    ['scripts', `${VENV}/bin`],
    ['data', VENV],
    ['headers', `${VENV}/include/site/python3.${minor}/${name}`],
  ]);
  return folders.get(scheme);
}

const OWN = new RegExp(String.raw`^${VENV}/(?:pyvenv\.cfg|bin|lib|bin/python(?:3(?:\.\d+)?)?)$`);

/** What makes the virtual environment one is nobody else's. */
function checked(place: Place): Result<Place, string> {
  return OWN.test(place.path) ? err(`would take the place of /${place.path}`) : ok(place);
}
