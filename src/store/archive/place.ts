import { err, ok, type Result } from '#base';
import { isSafePath } from '../source.ts';

/**
 * Where an entry of an archive goes: its path below `below`, '' for that folder itself, undefined for what lies elsewhere and is
 * not taken. A problem, worded to follow the entry's name, for a name that no honest archive has. Elsewhere only what would lead
 * out of the archive is one: system images hold names with backslashes.
 */
export function placeOf(name: string, below: readonly string[] = []): Result<string | undefined, string> {
  if (name.startsWith('/')) return err('is an absolute path');
  const names = namesOf(name);
  if (names.includes('..')) return err('leads out of the archive');
  if (!below.every((folder, index) => names[index] === folder)) return ok(undefined);
  const path = names.slice(below.length).join('/');
  const problem = path === '' ? undefined : nameProblem(path);
  return problem === undefined ? ok(path) : err(problem);
}

/** The names of a path, without those that mean nothing: `./a//b` is a, b. */
export function namesOf(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.');
}

function nameProblem(path: string): string | undefined {
  if (path.includes('\\')) return 'has a backslash in its name';
  if (/^[a-z]:/i.test(path)) return 'begins with the letter of a drive';
  if (path.includes('\0')) return 'has a zero byte in its name';
  // What is no UTF-8 was read as this sign, so that two names could become one.
  if (path.includes('\uFFFD')) return 'has a name that is no UTF-8';
  return isSafePath(path) ? undefined : 'has a name that is too long';
}
