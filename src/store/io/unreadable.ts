import { type AppError, failure, messageOf } from '#base';

/** What keeps a path from being read, as `file_missing` or `file_unreadable`. */
export function unreadable(path: string, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failure('file_missing', { path, purpose: 'the model' }, error);
  return failure('file_unreadable', { path, problem: messageOf(error) }, error);
}
