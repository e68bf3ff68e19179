import type { Clock } from '../ports.ts';

interface Waiting {
  /** Milliseconds before the end, of so many in all. */
  readonly leftOf: (wholeMs: number) => number;
  readonly tell: () => void;
}

/** How a drain begins. */
export interface DrainTimes {
  /** Still accepting for so long. */
  readonly delayMs: number;
  /** What there usually is in all; half of less than that is kept for finishing, whatever the delay. */
  readonly graceMs: number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How long an end may take. It may be told to be quicker, and is never slower. */
export class Countdown {
  readonly #clock: Clock;
  #wholeMs: number;
  #until: number;
  #waiting: readonly Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, wholeMs: number) {
    this.#clock = clock;
    this.#wholeMs = wholeMs;
    this.#until = clock.now() + wholeMs;
  }

  /** Milliseconds. */
  get left(): number {
    return Math.max(0, this.#until - this.#clock.now());
  }

  /** From now on there are so many milliseconds, unless there are fewer already. */
  shorten(wholeMs: number): void {
    if (wholeMs >= this.left) return;
    this.#wholeMs = wholeMs;
    this.#until = this.#clock.now() + wholeMs;
    this.#look();
  }

  /** Resolves when only so much is left, as is reckoned from the whole; never, once it was ended. */
  passes(leftOf: Waiting['leftOf'] = () => 0): Promise<void> {
    return new Promise(resolve => {
      this.#waiting = [...this.#waiting, { leftOf, tell: resolve }];
      this.#look();
    });
  }

  /** Resolves when a drain has accepted for as long as it may. */
  async delay({ delayMs, graceMs, sleep }: DrainTimes): Promise<void> {
    const short = this.passes(wholeMs => (wholeMs < graceMs ? wholeMs / 2 : 0));
    await Promise.race([sleep(delayMs), short]);
  }

  /** Nobody waits any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #look(): void {
    clearTimeout(this.#timer);
    const later = this.#waiting.filter(one => this.#msUntil(one) > 0);
    for (const one of this.#waiting) if (!later.includes(one)) one.tell();
    this.#waiting = later;
    if (later.length === 0) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(...later.map(one => this.#msUntil(one))));
  }

  #msUntil({ leftOf }: Waiting): number {
    return this.left - leftOf(this.#wholeMs);
  }
}
