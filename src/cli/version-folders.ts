import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppError, failure, messageOf } from '#base';
import { chooseVersions, isVersionNumber, type Versions } from '#spec';

/** The folders of the versions that are wanted of a folder of numbered ones. Throws what says why there are none. */
export async function versionFolders(folder: string, versions: Versions): Promise<string[]> {
  const names = await readdir(folder, { withFileTypes: true }).catch(error =>
    Promise.reject(unreadable(folder, error)),
  );
  const numbers = names
    .filter(entry => !entry.isFile() && isVersionNumber(entry.name))
    .map(({ name }) => name);
  const chosen = chooseVersions(numbers, versions);
  if (chosen.ok) return chosen.value.map(version => join(folder, version));
  throw failure('model_ambiguous', { path: folder, found: chosen.error });
}

function unreadable(path: string, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return failure('file_missing', { path, purpose: 'the model' }, error);
  if (code === 'ENOTDIR')
    return failure('model_ambiguous', { path, found: 'it is a file, and so has no versions to choose from' });
  return failure('file_unreadable', { path, problem: messageOf(error) }, error);
}
