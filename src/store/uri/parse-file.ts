import { err, ok, type Result } from '#base';
import type { FileReference, UriProblem } from './reference.ts';

/** `file:///path`, on this machine only. */
export function parseFile(uri: string): Result<FileReference, UriProblem> {
  const path = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/).*)$/i.exec(uri)?.[1];
  const decoded = path === undefined ? undefined : decode(path);
  return decoded === undefined
    ? err({ uri, problem: 'it names another host, or a path that is broken', remedy: 'file:///path' })
    : ok({ scheme: 'file', path: decoded });
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray % is the one thing it refuses; the caller words it.
    return undefined;
  }
}
