import { startWorker, Thread } from './thread.ts';

/** Threads that are kept for the next model: a start takes a hundred times longer than loading a small model. */
const MOST_SPARES = 2;

/** For how long one is kept. Milliseconds. */
const KEPT_MS = 10_000;

const spares: Thread[] = [];

/** A thread without a model: one that another model has left, or a new one. */
export function takeThread(): Thread {
  for (let spare = spares.pop(); spare !== undefined; spare = spares.pop()) if (spare.alive) return spare;
  return new Thread(startWorker);
}

/** Keeps a thread that has let go of its model for a while. */
export function keepThread(thread: Thread): void {
  if (spares.length === MOST_SPARES) {
    thread.end();
    return;
  }
  spares.push(thread);
  setTimeout(() => drop(thread), KEPT_MS).unref();
}

function drop(thread: Thread): void {
  const at = spares.indexOf(thread);
  if (at === -1) return;
  spares.splice(at, 1);
  thread.end();
}
