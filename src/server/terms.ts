/** What the headers of a request say of how it is to be answered, in any protocol. */
import type { Terms } from './batching/port.ts';
import { invalid } from './models/signature.ts';
import { shown } from './tensors/shown.ts';

/** Milliseconds that whoever asks still has: the time to answer in, from when the request arrived. */
const DEADLINE = 'x-deadline-ms';

/** From 1, the most urgent. */
const PRIORITY = 'x-priority';

const MOST_PRIORITY = 2 ** 32;

/** Looks a header up; several of one name are one list. */
export type Header = (name: string) => string | string[] | undefined;

/** Throws `input_invalid`. */
export function termsOf(since: number, header: Header): Terms {
  const deadline = header(DEADLINE);
  const priority = header(PRIORITY);
  if (deadline === undefined && priority === undefined) return { since };
  return {
    since,
    ...(deadline !== undefined && { deadlineMs: readDeadline(String(deadline)) }),
    ...(priority !== undefined && { priority: readPriority(String(priority)) }),
  };
}

function readDeadline(text: string): number {
  if (/^\d{1,10}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw invalid(`the header ${DEADLINE} must be a number of milliseconds, not '${shown(text)}'`, [
    'header',
    DEADLINE,
  ]);
}

function readPriority(text: string): number {
  const priority = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (priority >= 1 && priority <= MOST_PRIORITY) return priority;
  throw invalid(`the header ${PRIORITY} must be a whole number from 1, not '${shown(text)}'`, [
    'header',
    PRIORITY,
  ]);
}
