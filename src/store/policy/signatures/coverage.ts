import type { ManifestFile } from '../../manifest.ts';
import { isPart } from '../../parts.ts';
import type { Statement } from './statement.ts';

/** How messages name what a signature of one file calls it. */
const ONLY = '.';

/**
 * What of a model differs from what was signed, as a sentence; undefined where nothing does. Each file must be signed, and each
 * that was signed must be there, but for what is no part of a model and what the service's file leaves out.
 */
export function difference(
  files: readonly ManifestFile[],
  { digests, ignored }: Statement,
  isAsked: (path: string) => boolean,
): string | undefined {
  if (digests.has(ONLY)) return ofOne(files, digests);
  for (const { path, sha256 } of files) {
    const signed = digests.get(path);
    if (signed === undefined) return `'${path}' is not signed${leftOut(path, ignored)}`;
    if (signed !== sha256) return changed(path, sha256, signed);
  }
  const had = new Set(files.map(({ path }) => path));
  const missing = [...digests.keys()].find(path => !had.has(path) && isPart(path) && isAsked(path));
  return missing === undefined ? undefined : `'${missing}' was signed, and is not there`;
}

function ofOne(files: readonly ManifestFile[], digests: ReadonlyMap<string, string>): string | undefined {
  const [file, second] = files;
  const signed = digests.get(ONLY);
  if (file === undefined || second !== undefined || digests.size !== 1 || signed === undefined)
    return `one file was signed, and the model has ${files.length}`;
  return signed === file.sha256 ? undefined : changed(file.path, file.sha256, signed);
}

function changed(path: string, found: string, signed: string): string {
  return `'${path}' is not what was signed: its digest is sha256:${found}, and sha256:${signed} was signed`;
}

function leftOut(path: string, ignored: readonly string[]): string {
  const by = ignored.find(one => path === one || path.startsWith(`${one}/`));
  return by === undefined ? '' : `: '${by}' was left out when it was signed`;
}
