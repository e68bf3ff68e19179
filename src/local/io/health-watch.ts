import { messageOf } from '#base';
import type { ProbeResult } from '../life.ts';
import { getStatus } from './get.ts';

/** Of servers of this machine: between probes until the first 200, and after it. Milliseconds. */
const NEAR: Pauses = { firstMs: 50, steadyMs: 1000 };

/** For one answer. Milliseconds. */
const DEADLINE_MS = 2000;

/** How a probe ended, and what a person is told of that. */
interface Probed {
  readonly result: ProbeResult;
  readonly said: string;
}

export interface Pauses {
  readonly firstMs: number;
  readonly steadyMs: number;
}

interface Watched {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Asks one server process again and again whether it is ready. */
export class HealthWatch {
  readonly #at: Watched;
  readonly #onResult: (probed: Probed) => void;
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #probing = false;
  #askedAgain = false;
  readonly #steadyMs: number;
  #pause: number;

  constructor(at: Watched, onResult: (probed: Probed) => void, { firstMs, steadyMs } = NEAR) {
    this.#at = at;
    this.#pause = firstMs;
    this.#steadyMs = steadyMs;
    this.#onResult = onResult;
    this.check();
  }

  /** Asks now; when a probe is under way, once more after it, since it may have begun before the reason to ask. */
  check(): void {
    if (this.#end.signal.aborted) return;
    clearTimeout(this.#timer);
    if (this.#probing) this.#askedAgain = true;
    else void this.#probe();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
  }

  async #probe(): Promise<void> {
    this.#probing = true;
    const probed = await this.#ask();
    this.#probing = false;
    if (this.#end.signal.aborted) return;
    if (probed.result === 'ready') this.#pause = this.#steadyMs;
    const again = this.#askedAgain;
    this.#askedAgain = false;
    this.#timer = setTimeout(() => this.check(), again ? 0 : this.#pause);
    this.#onResult(probed);
  }

  async #ask(): Promise<Probed> {
    const { path } = this.#at;
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    const signal = AbortSignal.any([this.#end.signal, deadline]);
    try {
      const status = await getStatus({ ...this.#at, signal });
      return { result: status === 200 ? 'ready' : 'refused', said: `${path} answers ${status}` };
    } catch (error: unknown) {
      // Whatever broke, the server did not answer; all that counts is whether it had its time.
      if (deadline.aborted) return { result: 'slow', said: `${path} is not answered in time` };
      return { result: 'unreachable', said: `${path} is not answered: ${messageOf(error)}` };
    }
  }
}
