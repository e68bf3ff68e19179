import { type Case, fromFile, toFile } from '../case.ts';

/** Inputs are smaller. Bytes. */
const ROOM = 512 * 1024;

/** What a thread is at, told through shared memory: it may never come to tell it otherwise. */
export class Beat {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #bytes: Buffer;

  constructor(memory = new SharedArrayBuffer(ROOM)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, NUMBERS);
    this.#bytes = Buffer.from(memory, NUMBERS * 4);
  }

  /** Now it is this one's turn. */
  begin(border: string, round: number, one: Case): void {
    const text = Buffer.concat([Buffer.from(`${border} ${round}\n`), toFile(one)]);
    text.copy(this.#bytes);
    this.#numbers[1] = text.length;
    Atomics.add(this.#numbers, 0, 1);
  }

  /** Another number after each beginning. */
  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  current(): { readonly border: string; readonly round: number; readonly one: Case } {
    const { head, body } = fromFile(Buffer.from(this.#bytes.subarray(0, this.#numbers[1])));
    const [border = '', round = '0'] = head.split(' ');
    return { border, round: Number(round), one: fromFile(body) };
  }
}

const NUMBERS = 2;
