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

/** A worker thread that answers questions, in order. It keeps the process alive only while it has something to do. */
export class Thread {
  readonly #worker: Worker;
  /** Who waits for its answers. */
  readonly #asked: PromiseWithResolvers<Answer>[] = [];
  /** What it was told and has not done. */
  #open = 0;
  #alive = true;
  #problem = 'it ended';
  #onDeath: (problem: string) => void = () => {};

  constructor(start: StartWorker) {
    this.#worker = start();
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('messageerror', error => {
      this.#settle({ kind: 'failed', code: 'internal', facts: { problem: messageOf(error) } });
    });
    this.#worker.on('error', error => (this.#problem = messageOf(error)));
    this.#worker.once('exit', () => this.#die());
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** From now on this is called, and no other, when it dies: with what it died of. */
  watch(onDeath: (problem: string) => void): void {
    this.#onDeath = onDeath;
  }

  /** Rejects with what it answers that went wrong, or with `inference_failed` when it dies over the question. */
  ask(question: Question, transfer: Parcel['transfer'] = []): Promise<Answer> {
    const asked = Promise.withResolvers<Answer>();
    if (!this.#alive) asked.reject(this.death);
    else {
      this.#worker.postMessage(question, transfer);
      this.#asked.push(asked);
      this.#begin();
    }
    return asked.promise;
  }

  /**
   * Lets it go of its model, after what it works on, within so many milliseconds; says whether it has. What hangs is left
   * alone: it ends by itself when it can.
   */
  async release(mostMs: number): Promise<boolean> {
    const released = this.ask({ kind: 'release' }).then(
      () => true,
      () => false,
    );
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(late.resolve, mostMs, false);
    const inTime = await Promise.race([released, late.promise]);
    clearTimeout(timer);
    if (!inTime) this.end();
    return inTime;
  }

  /** Lets it come to its end, after what it works on. The process does not wait for that. */
  end(): void {
    if (!this.#alive) return;
    const question: Question = { kind: 'end' };
    this.#worker.postMessage(question, []);
    this.#begin();
    this.#worker.unref();
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
    const asked = this.#asked.shift();
    this.#finish();
    if (answer.kind === 'failed') asked?.reject(failure(answer.code, answer.facts as never));
    else asked?.resolve(answer);
  }

  #die(): void {
    this.#alive = false;
    for (const { reject } of this.#asked.splice(0)) reject(this.death);
    if (this.#open > 0) workEnds();
    this.#open = 0;
    this.#onDeath(this.#problem);
  }

  /** What a question to it fails with from then on. */
  get death(): Error {
    const problem = `the worker thread that ran the model died: ${this.#problem}`;
    return failure('inference_failed', { problem });
  }
}
