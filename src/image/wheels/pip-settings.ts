/** Where packages are looked for, as pip and uv are set up: "Configuration" of pip's documentation, "Environment variables" of uv's. */
import type { IndexOptions } from './lock-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface PipSettings extends IndexOptions {
  /** A file of authorities that certificates are trusted by. */
  readonly authorities: string | undefined;
}

const PYPI = 'https://pypi.org/simple';

/** Options of a file, of `[global]` and, which counts more, of `[install]`. */
export function readPipConf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of unfolded(text).split('\n')) {
    const name = /^\[([^\]]+)\]/.exec(line)?.[1]?.trim().toLowerCase();
    if (name !== undefined) sections.set(name, (section = sections.get(name) ?? new Map()));
    const [, key, value = ''] = /^([A-Za-z][\w-]*)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) section.set(key.toLowerCase().replaceAll('_', '-'), value.trim());
  }
  return new Map([...(sections.get('global') ?? []), ...(sections.get('install') ?? [])]);
}

/** What goes on in a line that is indented is of the line before. */
function unfolded(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').replaceAll(/^\s*[#;].*$/gm, '');
  return lines.replaceAll(/\n+[ \t]+(?=\S)/g, ' ');
}

/** All that is set, what counts most last in `files`. The environment counts more than files, and the lock more than both. */
export function pipSettings(
  lock: IndexOptions,
  environment: Environment,
  files: readonly ReadonlyMap<string, string>[],
): PipSettings {
  const set = (name: string, ...uv: readonly string[]): string | undefined => {
    const variables = [`PIP_${name.toUpperCase().replaceAll('-', '_')}`, ...uv].map(
      variable => environment[variable],
    );
    const told = variables.find(value => value !== undefined && value !== '');
    return told ?? files.findLast(file => file.has(name))?.get(name);
  };
  const isSetIndex = lock.indexUrl !== undefined;
  return {
    indexUrl: lock.indexUrl ?? set('index-url', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL') ?? PYPI,
    extraIndexUrls: unique([
      ...lock.extraIndexUrls,
      ...words(set('extra-index-url', 'UV_INDEX', 'UV_EXTRA_INDEX_URL')).map(unnamed),
    ]),
    findLinks: unique([...lock.findLinks, ...words(set('find-links', 'UV_FIND_LINKS'))]),
    // A lock that names an index means to be read from it.
    noIndex: lock.noIndex || (!isSetIndex && isTrue(set('no-index', 'UV_NO_INDEX'))),
    authorities: set('cert'),
  };
}

function words(value: string | undefined): readonly string[] {
  return value?.split(/[\s,]+/).filter(word => word !== '') ?? [];
}

/** uv names an index: `torch=https://…`. */
function unnamed(index: string): string {
  return index.replace(/^[\w.-]+=(?=https?:)/, '');
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|true|yes|on|y|t)$/i.test(value.trim());
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** Files that are read, what counts most last. */
export function pipConfFiles(environment: Environment, home: string): readonly string[] {
  const named = environment['PIP_CONFIG_FILE'];
  // So it is told that none is to be read.
  if (named === '/dev/null') return [];
  const config = environment['XDG_CONFIG_HOME'] ?? `${home}/.config`;
  const system = ['/etc/xdg/pip/pip.conf', '/etc/pip.conf'];
  const own = [`${home}/.pip/pip.conf`, `${config}/pip/pip.conf`];
  return [...system, ...own, ...(named === undefined || named === '' ? [] : [named])];
}
