/** What a repository says, and this server does not do, or does in another way. */
import type { Logger } from '#base';
import { shown } from '../tensors/shown.ts';

export interface Note {
  /** A path in the configuration, such as `dynamic_batching.preferred_batch_size`, or what else it is about. */
  readonly field: string;
  /** As it is written; empty where it is not. */
  readonly value: string;
  /** What happens instead. */
  readonly why: string;
  /** The file and line, where there is one: `config.pbtxt:12`. */
  readonly at?: string;
}

/** A note as one line for people. */
export function noteText({ field, value, why, at }: Note): string {
  const what = value === '' ? shown(field) : `${shown(field)} ${shown(value)}`;
  return oneLine(at === undefined ? `${what}: ${why}` : `${what} (${at}): ${why}`);
}

/** Names and values of a repository can hold what moves a terminal's cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, letter => JSON.stringify(letter).slice(1, -1));
}

/** One line of the log for each note of a model. */
export function logNotes(model: string, notes: readonly Note[], logger: Logger): void {
  for (const { field, value, why, at } of notes)
    logger.log('warn', 'repository note', {
      model,
      field: shown(field),
      value: shown(value),
      why,
      ...(at && { at }),
    });
}
