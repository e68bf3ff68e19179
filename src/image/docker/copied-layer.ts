import type { LayerEntry } from '../layer-entry.ts';

/** What one COPY takes: a folder of the context, and where in the image the things in it go. */
export interface CopiedLayer {
  /** Without slashes around it: `models/digits/2`. */
  readonly source: string;
  /** `/models/digits/2/`, with slashes around it. */
  readonly target: string;
  /** A variable of the builder's that `source` has in it. */
  readonly variable?: string;
  /** By their paths in the context. */
  readonly entries: readonly LayerEntry[];
}

/**
 * The entries of a layer below a folder of the context. As much of what their paths begin with as they share is left to `target`,
 * up to the first name that a Dockerfile could take for more than a name: such names are in no instruction, but in the context only.
 */
export function copiedLayer(source: string, entries: readonly LayerEntry[]): CopiedLayer {
  const shared = sharedFolder(entries);
  return { source, target: targetOf(shared), entries: below(source, shared, entries) };
}

/** The same for things of which the builder takes one by a variable, and all of which go to the same place. */
export function copiedVariants(
  source: string,
  variants: ReadonlyMap<string, readonly LayerEntry[]>,
  variable: string,
): CopiedLayer {
  const all = [...variants.values()];
  // A COPY makes its target, which one that holds nothing does not have.
  const shared = all.some(own => own.length === 0) ? [] : sharedFolder(all.flat());
  const entries = [...variants].flatMap(([name, own]) => below(`${source}/${name}`, shared, own));
  return { source: `${source}/\${${variable}}`, target: targetOf(shared), variable, entries };
}

function targetOf(shared: readonly string[]): string {
  return shared.length === 0 ? '/' : `/${shared.join('/')}/`;
}

/** The folder itself is told too, as there may be nothing in it, and COPY wants it to be there. */
function below(source: string, shared: readonly string[], entries: readonly LayerEntry[]): LayerEntry[] {
  const skipped = shared.length === 0 ? 0 : shared.join('/').length + 1;
  const folder = { kind: 'folder', path: source } as const;
  const told = entries.filter(entry => entry.path.length > skipped);
  return [folder, ...told.map(entry => ({ ...entry, path: `${source}/${entry.path.slice(skipped)}` }))];
}

function sharedFolder(entries: readonly LayerEntry[]): readonly string[] {
  const around = new Set(entries.flatMap(({ path }) => foldersOf(path)));
  // A folder that is there anyway, for what lies in it, says nothing.
  const told = entries.filter(({ path }) => !around.has(path));
  const [first = [], ...others] = told.map(({ path }) => path.split('/').slice(0, -1));
  const end = first.findIndex((name, at) => !SAFE.test(name) || others.some(names => names[at] !== name));
  return end === -1 ? first : first.slice(0, end);
}

function foldersOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join('/'));
}

/** Names that mean the same to COPY, to a pattern and to every file system. */
const SAFE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

export function isSafeName(name: string): boolean {
  return SAFE.test(name);
}
