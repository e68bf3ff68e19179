import { AppError, failure, messageOf } from '#base';

/** What went wrong with a file of the cache: `cache_full` or `cache_unusable`. What is worded already stays as it is. */
export function cacheFault(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC') return failure('cache_full', { path, problem: 'the disk is full' }, error);
  if (code === 'EDQUOT')
    return failure('cache_full', { path, problem: "the disk's quota is used up" }, error);
  return failure('cache_unusable', { path, problem: messageOf(error) }, error);
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
