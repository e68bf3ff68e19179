import { err, ok, percentDecoded, type Result } from '#base';
import type { FileReference, UriProblem } from './reference.ts';

/** `file:///path`, on this machine only. */
export function parseFile(uri: string): Result<FileReference, UriProblem> {
  const path = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/).*)$/i.exec(uri)?.[1];
  const decoded = path === undefined ? undefined : percentDecoded(path);
  return decoded === undefined
    ? err({ uri, problem: 'it names another host, or a path that is broken', remedy: 'file:///path' })
    : ok({ scheme: 'file', path: decoded });
}
