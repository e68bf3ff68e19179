import { BroadcastChannel, type Worker } from 'node:worker_threads';
import { CHANNEL } from './channel.ts';

/** Every thread of this process, whoever starts it. */
export class Threads {
  readonly #alive = new Map<Worker, { readonly id: number; readonly name: string }>();
  #ended = 0;
  #turn = 0;

  constructor() {
    process.on('worker', worker => this.#take(worker));
  }

  #take(worker: Worker): void {
    this.#alive.set(worker, { id: worker.threadId, name: worker.threadName ?? '' });
    worker.once('exit', () => {
      this.#alive.delete(worker);
      this.#ended++;
    });
  }

  get ended(): number {
    return this.#ended;
  }

  get names(): string[] {
    return [...this.#alive.values()].map(({ name }) => name);
  }

  /** Has one of them throw, another each time; gives its name, or nothing when there is none. */
  kill(): string {
    const all = [...this.#alive.values()];
    const victim = all[this.#turn++ % Math.max(1, all.length)];
    if (victim !== undefined) tell(victim.id);
    return victim?.name ?? '';
  }
}

function tell(id: number): void {
  const channel = new BroadcastChannel(CHANNEL);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it has none: this is no window.
  channel.postMessage(id);
  channel.close();
}
