/** Those who wait until something holds that changes now and then. */
export class Conditions {
  readonly #looks = new Set<() => void>();

  /** Something changed. */
  look(): void {
    for (const look of this.#looks) look();
  }

  /** Resolves when `met` says so after a change; rejects when it throws, or with `reason` when `end` comes before. */
  until(
    met: () => boolean,
    end: AbortSignal,
    reason: () => Error = () => end.reason as Error,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        this.#looks.delete(look);
        end.removeEventListener('abort', stop);
        how();
      };
      const stop = (): void => settle(() => reject(reason()));
      const look = (): void => {
        try {
          if (met()) settle(resolve);
        } catch (error: unknown) {
          settle(() => reject(error));
        }
      };
      if (end.aborted) return stop();
      this.#looks.add(look);
      end.addEventListener('abort', stop);
      look();
    });
  }
}
