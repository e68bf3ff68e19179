import { type Logger, messageOf } from '#base';

export interface PollingPorts {
  /** Looks once, and begins what is to be done about what it saw. */
  readonly scan: () => Promise<void>;
  /** Waits; nothing must be kept alive by it. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Looks again and again, one look after the other, until it is told to stop. One that fails changes nothing; why is logged
 * once, and again when it is something else.
 */
export class Polling {
  readonly #everyMs: number;
  readonly #ports: PollingPorts;
  #stopped = false;
  #problem: string | undefined;

  constructor(everyMs: number, ports: PollingPorts) {
    this.#everyMs = everyMs;
    this.#ports = ports;
  }

  /** Resolves after it was told to stop. */
  async run(): Promise<void> {
    for (;;) {
      await this.#ports.sleep(this.#everyMs);
      if (this.#stopped) return;
      await this.#look();
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #look(): Promise<void> {
    try {
      await this.#ports.scan();
      this.#problem = undefined;
    } catch (thrown: unknown) {
      const error = messageOf(thrown);
      if (error !== this.#problem) this.#ports.logger.log('error', 'repository not read', { error });
      this.#problem = error;
    }
  }
}
