import { type Guard, type GuardPorts, type OpenGuard, openGuard, Refusals } from '#net';
import { type AuthOptions, accessRules, readKeys } from '#spec';
import type { FleetArm } from '../fleet.ts';
import { stableServer } from '../stable-server.ts';

/** A guard, and for how many edits of the file it is kept ready. */
interface Held {
  readonly guard: OpenGuard | undefined;
  edits: number;
}

/**
 * Who may come in by the gateway: as the stable arm says that is in service. An edit that says otherwise has its guard opened
 * before anything else is done, so that what is wrong with its files stops the edit; it decides once its arms are in service.
 */
export class GatewayAccess {
  readonly refusals = new Refusals();
  readonly #ports: GuardPorts;
  readonly #held = new Map<string, Held>();
  #current = '';

  constructor(ports: Pick<GuardPorts, 'clock' | 'logger'>) {
    this.#ports = { ...ports, refusals: this.refusals, readKeys };
  }

  /** Who decides now; undefined where nobody is asked. */
  get guard(): Guard | undefined {
    return this.#held.get(this.#current)?.guard;
  }

  /** Makes ready what arms say, until the answer is called. Throws `file_unreadable` or `keys_invalid`. */
  prepare(arms: readonly FleetArm[]): () => void {
    const auth = stableServer(arms)?.auth;
    const key = keyFor(auth);
    const held = this.#held.get(key) ?? {
      guard: auth && openGuard(accessRules(auth), this.#ports),
      edits: 0,
    };
    held.edits += 1;
    this.#held.set(key, held);
    return () => {
      held.edits -= 1;
      this.#sweep();
    };
  }

  /** These arms are in service now; they were prepared. */
  follow(arms: readonly FleetArm[]): void {
    const key = keyFor(stableServer(arms)?.auth);
    if (key === this.#current || !this.#held.has(key)) return;
    this.#current = key;
    this.#sweep();
  }

  close(): void {
    for (const { guard } of this.#held.values()) guard?.close();
  }

  #sweep(): void {
    for (const [key, { guard, edits }] of this.#held) {
      if (edits > 0 || key === this.#current) continue;
      this.#held.delete(key);
      guard?.close();
    }
  }
}

function keyFor(auth: AuthOptions | undefined): string {
  return JSON.stringify(auth ?? null);
}
