import { type AppError, failure } from '#base';
import type { Asking, Progress, Wanted } from '../store.ts';
import type { Reference } from '../uri/reference.ts';

/** A model that is asked for, while it is seen to. */
export interface Asked {
  readonly wanted: Wanted;
  readonly reference: Reference;
  /** As it may be shown. */
  readonly uri: string;
  readonly signal: AbortSignal;
  readonly repair: boolean;
  readonly tell: (progress: Omit<Progress, 'uri'>) => void;
}

export function asked(wanted: Wanted, reference: Reference, uri: string, asking: Asking): Asked {
  const { signal = NEVER, onProgress, repair = false } = asking;
  return { wanted, reference, uri, signal, repair, tell: progress => onProgress?.({ uri, ...progress }) };
}

const NEVER = new AbortController().signal;

/** Nothing is known yet of how much it is. */
export const UNKNOWN = { files: 0, total: undefined, done: 0, reused: 0 } as const;

/** What an artifact should be and is not, by the one file that differs where it is one. */
export function mismatch(
  uri: string,
  { file, expected, found }: { file?: string | undefined; expected: string; found: string | undefined },
): AppError {
  return failure('digest_mismatch', {
    path: uri,
    ...(file !== undefined && { file }),
    expected,
    found: found ?? 'none, as it is gone',
  });
}
