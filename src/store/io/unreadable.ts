import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError, failure, messageOf } from '#base';
import { forgottenScheme, wordsOf } from '../uri/forgotten.ts';

/** What keeps a path from being read, as `file_missing` or `file_unreadable`. */
export function unreadable(path: string, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failure('file_missing', { path, purpose: 'the model' }, error);
  return failure('file_unreadable', { path, problem: messageOf(error) }, error);
}

/** The same error, saying too what a path that was written as `uri` may mean where it is missing. */
export function explained(error: unknown, uri: string, base: string): unknown {
  const meant = meantBy(uri, base);
  if (!(error instanceof AppError) || error.code !== 'file_missing' || meant === undefined) return error;
  const { path, purpose } = error.facts as { path: string; purpose: string };
  // What was meant is a URI, and may have a signature in its query.
  const shown = path.replace(/\?[^?/]*=[\s\S]*$/, '?***');
  return path === resolve(base, uri)
    ? failure('file_missing', { path: shown, purpose, meant }, error.cause)
    : error;
}

/**
 * What a path that leads nowhere may mean: a URI without its scheme, as a sentence for the end of an error. Undefined where it
 * is more likely misspelt, as one in a folder that is there.
 */
export function meantBy(uri: string, base: string): string | undefined {
  const guess = forgottenScheme(uri);
  const [first = ''] = uri.split('/');
  return guess === undefined || existsSync(resolve(base, first)) ? undefined : wordsOf(guess);
}
