import { Worker } from 'node:worker_threads';
import { failure, messageOf } from '#base';
import type { Answer, Question } from '../thread-messages.ts';
import { workBegins, workEnds } from './ending.ts';
import type { Parcel } from './parcels.ts';

/** In a bundle, the thread's program lies beside this one. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './model-thread.ts' : './model-thread.js',
  import.meta.url,
);

/** Starts the program of a worker thread. */
export type StartWorker = () => Worker;

export const startWorker: StartWorker = () => new Worker(PROGRAM, { name: 'model' });

/** A worker thread that answers one question at a time. It keeps the process alive only while it has something to do. */
export class Thread {
  readonly #worker: Worker;
  readonly #exit: Promise<void>;
  #asked: PromiseWithResolvers<Answer> | undefined;
  /** What it was told and has not done. */
  #open = 0;
  #alive = true;
  #problem = 'it ended';

  constructor(start: StartWorker) {
    this.#worker = start();
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', error => (this.#problem = messageOf(error)));
    this.#exit = new Promise(resolve => {
      this.#worker.once('exit', () => {
        this.#die();
        resolve();
      });
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves when it has ended, with what it died of. */
  get ended(): Promise<string> {
    return this.#exit.then(() => this.#problem);
  }

  /** Rejects with what it answers that went wrong, or with `inference_failed` when it dies over the question. */
  ask(question: Question, transfer: Parcel['transfer'] = []): Promise<Answer> {
    const asked = Promise.withResolvers<Answer>();
    if (!this.#alive) asked.reject(this.#death());
    else {
      this.#worker.postMessage(question, transfer);
      this.#asked = asked;
      this.#begin();
    }
    return asked.promise;
  }

  /** Lets it come to its end, after what it works on. Waits for that at most so long; says whether it has ended. */
  async end(mostMs: number): Promise<boolean> {
    if (!this.#alive) return true;
    const question: Question = { kind: 'end' };
    this.#worker.postMessage(question, []);
    this.#begin();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, mostMs);
    await Promise.race([this.#exit, late.promise]);
    clearTimeout(timer);
    // What hangs is left alone, and must not keep the process.
    this.#worker.unref();
    return !this.#alive;
  }

  #begin(): void {
    if (this.#open++ > 0) return;
    this.#worker.ref();
    workBegins();
  }

  #finish(): void {
    if (--this.#open > 0) return;
    this.#worker.unref();
    workEnds();
  }

  #settle(answer: Answer): void {
    const asked = this.#asked;
    this.#asked = undefined;
    this.#finish();
    if (answer.kind === 'failed') asked?.reject(failure(answer.code, answer.facts as never));
    else asked?.resolve(answer);
  }

  #die(): void {
    this.#alive = false;
    this.#asked?.reject(this.#death());
    this.#asked = undefined;
    if (this.#open > 0) workEnds();
    this.#open = 0;
  }

  #death(): Error {
    const problem = `the worker thread that ran the model died: ${this.#problem}`;
    return failure('inference_failed', { problem });
  }
}
