import { AppError, failure, messageOf } from '#base';

/** What went wrong with a file that is written here: `image_unwritable`. What is worded already stays as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const isCache =
    error instanceof AppError && (error.code === 'cache_full' || error.code === 'cache_unusable');
  if (isCache)
    return failure(
      'image_unwritable',
      { path: String(error.facts['path']), problem: String(error.facts['problem']) },
      error,
    );
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || syscall === undefined) return error;
  const problem = code === 'ENOSPC' ? 'the disk is full' : messageOf(error);
  return failure('image_unwritable', { path, problem }, error);
}

/** Does it, and words what goes wrong. */
export async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error: unknown) {
    throw unwritable(path, error);
  }
}
