import type { Span, TraceContext } from '#base';
import type { TracingSettings } from '../settings.ts';
import { NOTHING_TOLD, type Told } from '../told.ts';
import { openTracing, type TelemetryPorts, type Tracing } from './tracing.ts';

/** For the spans of settings that hold no more. Milliseconds. */
const LEAVING_MS = 5000;

/** Tracing whose settings may change while it is used, and which may be off. */
export class FollowedTracing implements Tracing {
  readonly #ports: TelemetryPorts;
  #key = '';
  #now: Tracing | undefined;
  /** Of those that were used before, and have ended. */
  #before: Told = NOTHING_TOLD;
  /** Those that were used before, and still send. */
  readonly #leaving = new Map<Tracing, Promise<void>>();

  constructor(ports: TelemetryPorts) {
    this.#ports = ports;
  }

  /** From now on these hold; undefined turns tracing off. */
  follow(settings: TracingSettings | undefined): void {
    const key = JSON.stringify(settings ?? null);
    if (key === this.#key) return;
    this.#key = key;
    const left = this.#now;
    this.#now = settings && openTracing(settings, this.#ports);
    if (left !== undefined) this.#leaving.set(left, this.#leave(left));
  }

  begin(parent: TraceContext | undefined): TraceContext | undefined {
    return this.#now?.begin(parent);
  }

  below(parent: TraceContext): TraceContext {
    return this.#now?.below(parent) ?? parent;
  }

  record(spans: readonly Span[]): void {
    this.#now?.record(spans);
  }

  get told(): Told {
    const open = [...this.#leaving.keys(), ...(this.#now ? [this.#now] : [])];
    return open.reduce((all, { told }) => sum(all, told), this.#before);
  }

  async close(graceMs: number): Promise<void> {
    const left = [...this.#leaving.keys()].map(tracing => tracing.close(graceMs));
    await Promise.all([this.#now?.close(graceMs), ...left, ...this.#leaving.values()]);
  }

  async #leave(left: Tracing): Promise<void> {
    await left.close(LEAVING_MS);
    this.#leaving.delete(left);
    this.#before = sum(this.#before, left.told);
  }
}

function sum(a: Told, b: Told): Told {
  return { sent: a.sent + b.sent, dropped: a.dropped + b.dropped, failed: a.failed + b.failed };
}
