/**
 * A watch that does not end by itself: a list, then what changes from its version on. Where the server forgets that version, or a
 * connection that should say something at least now and then says nothing, it begins anew.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, pauseBefore } from '#base';
import type { WatchEvent } from '../cluster.ts';
import type { LiveObject } from '../kube-object.ts';

export interface Watched {
  list(): Promise<{ readonly objects: readonly LiveObject[]; readonly version: string }>;
  open(version: string, seconds: number, signal: AbortSignal): Promise<IncomingMessage>;
  readonly signal: AbortSignal;
  readonly times?: WatchTimes;
}

export interface WatchTimes {
  /** A connection is for so long, and then another one is made. Seconds. */
  readonly lastsSeconds: number;
  /** Bookmarks come each minute; one that says less than this has been forgotten on the way. Milliseconds. */
  readonly quietMs: number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const usual: WatchTimes = {
  lastsSeconds: 290,
  quietMs: 90_000,
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
};
/** No object is so large. */
const MOST_CHARACTERS = 16 * 2 ** 20;
const BACKOFF = { first: 500, most: 30_000 };

/** The server no longer knows the version. */
class Expired extends Error {}

export async function* watching(watched: Watched): AsyncGenerator<WatchEvent> {
  const { signal, times = usual } = watched;
  const pauses = new Pauses(times, signal);
  for (;;) {
    const { objects, version } = await watched.list();
    yield { kind: 'all', objects };
    try {
      yield* changesFrom(version, watched, pauses);
    } catch (error: unknown) {
      signal.throwIfAborted();
      if (isForGood(error)) throw error;
    }
    await pauses.next();
  }
}

/** Pauses that grow until something comes again. */
class Pauses {
  readonly #times: WatchTimes;
  readonly #signal: AbortSignal;
  #attempt = 0;

  constructor(times: WatchTimes, signal: AbortSignal) {
    this.#times = times;
    this.#signal = signal;
  }

  forget(): void {
    this.#attempt = 0;
  }

  async next(): Promise<void> {
    await this.#times.pause(pauseBefore(this.#attempt++, BACKOFF), this.#signal);
  }
}

/** One connection after the other, each from where the one before it was; until one fails. */
async function* changesFrom(version: string, watched: Watched, pauses: Pauses): AsyncGenerator<WatchEvent> {
  for (let last = version; ; await pauses.next()) {
    for await (const { type, object } of connection(watched, last)) {
      last = object.metadata.resourceVersion;
      pauses.forget();
      if (type !== 'BOOKMARK') yield { kind: type === 'DELETED' ? 'gone' : 'changed', object };
    }
  }
}

interface RawEvent {
  readonly type: string;
  readonly object: LiveObject;
}

async function* connection(watched: Watched, version: string): AsyncGenerator<RawEvent> {
  const { lastsSeconds, quietMs } = watched.times ?? usual;
  const ended = new AbortController();
  const quiet = setTimeout(() => ended.abort(new Error('it said nothing')), quietMs);
  try {
    const message = await watched.open(version, lastsSeconds, ended.signal);
    message.setEncoding('utf8');
    let rest = '';
    for await (const text of message as AsyncIterable<string>) {
      quiet.refresh();
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MOST_CHARACTERS) throw new Error('an event has no end');
      for (const line of lines) yield eventIn(line);
    }
  } finally {
    clearTimeout(quiet);
    ended.abort();
  }
}

function eventIn(line: string): RawEvent {
  const event = JSON.parse(line) as RawEvent & { object: { code?: number; message?: string } };
  if (event.type !== 'ERROR') return event;
  if (event.object.code === 410) throw new Expired();
  throw new Error(event.object.message ?? 'the watch ended with an error');
}

/** What another attempt meets again; all else is tried again for ever, with growing pauses. */
function isForGood(error: unknown): boolean {
  return error instanceof AppError && error.retry === 'never' && !/too old|expired/i.test(error.message);
}
