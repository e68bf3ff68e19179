/**
 * The one catalogue of what can go wrong. An entry says what a caller may do (`retry`), how each edge words it
 * (`status` over HTTP, `exit` on the command line), and how to mend it (`hint`). `docs/errors.md` is generated from it.
 */
import { accessErrors } from './errors/access-errors.ts';
import type { Entry, ExitCode, Retry } from './errors/entry.ts';
import { imageErrors } from './errors/image-errors.ts';
import { inputErrors } from './errors/input-errors.ts';
import { kubeErrors } from './errors/kube-errors.ts';
import { machineErrors } from './errors/machine-errors.ts';
import { requestErrors } from './errors/request-errors.ts';
import { serverErrors } from './errors/server-errors.ts';
import { storeErrors } from './errors/store-errors.ts';

export type { ExitCode, Place, Retry } from './errors/entry.ts';

export const catalogue = {
  ...requestErrors,
  ...accessErrors,
  ...serverErrors,
  ...inputErrors,
  ...machineErrors,
  ...storeErrors,
  ...imageErrors,
  ...kubeErrors,
} as const;

type Catalogue = typeof catalogue;
export type ErrorCode = keyof Catalogue;
export type Facts<C extends ErrorCode> = Parameters<Catalogue[C]['message']>[0];

/** What I/O and border readers throw, and every edge translates. `facts` are for programs, `message` for people. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, facts: object, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts as Readonly<Record<string, unknown>>;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get exit(): ExitCode {
    return catalogue[this.code].exit;
  }

  get retry(): Retry {
    return catalogue[this.code].retry;
  }

  get hint(): string | undefined {
    return (catalogue[this.code] as Entry<never>).hint;
  }
}

/** Makes the error of a catalogue code, with the facts its message needs. */
export function failure<C extends ErrorCode>(code: C, facts: Facts<C>, cause?: unknown): AppError {
  const entry = catalogue[code] as unknown as Entry<Facts<C>>;
  const message = entry.message(facts);
  const clipped = message.length > MOST_MESSAGE ? `${message.slice(0, MOST_MESSAGE)}…` : message;
  const { stackTraceLimit } = Error;
  if (isEveryday(entry)) Error.stackTraceLimit = 0;
  const error = new AppError(code, clipped, facts, cause);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** A client's fault, or too much at once: nobody reads where that was found, and a stack costs ten times what is left. */
function isEveryday({ status, retry }: Pick<Entry<never>, 'status' | 'retry'>): boolean {
  return status < 500 || retry === 'later';
}

/** Messages quote what clients send, and go into answers and logs: none is longer than this. Characters. */
const MOST_MESSAGE = 8000;

/** Turns whatever was thrown into an AppError; what is not from the catalogue is a fault of ours. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return failure('internal', { problem: messageOf(thrown) }, thrown);
}

/** The message of anything thrown, for facts that quote another library. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  // An object may have no text, or throw when asked for it; wording an error must not be another one.
  return typeof thrown === 'object' && thrown !== null ? 'a thrown object' : String(thrown);
}
