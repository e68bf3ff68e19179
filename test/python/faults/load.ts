import { type Asked, ask } from './ask.ts';

/** Numbers that ask for nothing. */
const HARMLESS = 1000;

/** So many clients that ask one after the other, until they are stopped. */
export class Load {
  readonly #url: string;
  readonly #clients: Promise<void>[];
  #stopped = false;
  #right = 0;
  #failed = 0;
  /** Wrong answers, and failures that say nothing. */
  readonly #odd: string[] = [];

  constructor(url: string, clients: number) {
    this.#url = url;
    this.#clients = Array.from({ length: clients }, (_, at) => this.#askOn(HARMLESS + at * 1_000_000));
  }

  async stop(): Promise<{ right: number; failed: number; odd: readonly string[] }> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    return { right: this.#right, failed: this.#failed, odd: this.#odd };
  }

  async #askOn(first: number): Promise<void> {
    for (let value = first; !this.#stopped; value++) this.#count(await ask(this.#url, value), value);
  }

  #count({ status, text, value }: Asked, asked: number): void {
    if (status === 200 && value === asked) this.#right++;
    else if (status === 500 && /the process that ran the model died: ./.test(text)) this.#failed++;
    else this.#odd.push(`${asked}: ${status} ${text}`);
  }
}
