import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AppError, failure, messageOf } from '#base';
import { type Labels, MOST_LABEL_BYTES, parseLabels } from '../labels.ts';

/**
 * The labels of a model: those in `labels.txt` beside its file, for every output that they fit, and those in files of their own
 * for named outputs. Throws `file_unreadable`.
 */
export async function labelsOf(model: string, files: Readonly<Record<string, string>>): Promise<Labels> {
  const beside = await labelsBeside(model);
  const named = new Map<string, readonly string[]>();
  for (const [output, path] of Object.entries(files)) {
    const labels = await labelsIn(path);
    if (labels === undefined) throw unreadable(path, 'there is no such file');
    named.set(output, labels);
  }
  return { beside, named };
}

/** The labels in `labels.txt` beside a model file; undefined when there is no such file. Throws `file_unreadable`. */
function labelsBeside(model: string): Promise<readonly string[] | undefined> {
  return labelsIn(join(dirname(model), 'labels.txt'));
}

async function labelsIn(path: string): Promise<readonly string[] | undefined> {
  const bytes = await bytesOf(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, messageOf(error), error);
  });
  if (bytes === undefined) return undefined;
  if (bytes.length > MOST_LABEL_BYTES) throw unreadable(path, `it has more than ${MOST_LABEL_BYTES} bytes`);
  const labels = parseLabels(bytes);
  if (labels.ok) return labels.value;
  throw unreadable(path, labels.error);
}

/** A file's bytes, or so many that it is too large. */
async function bytesOf(path: string): Promise<Buffer> {
  // Opening a pipe might never end.
  if (!(await stat(path)).isFile()) throw new Error('it is not a regular file');
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_LABEL_BYTES + 1));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, problem: string, cause?: unknown): AppError {
  return failure('file_unreadable', { path, problem }, cause);
}
