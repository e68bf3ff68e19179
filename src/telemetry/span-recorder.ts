import { type Clock, isRecorded, type Random, type Span, type TraceContext, type Tracer } from '#base';
import type { TracingSettings } from './settings.ts';
import { WallTime } from './wall-time.ts';

/** A span with its times as milliseconds since the epoch. */
export type DatedSpan = Span;

export interface RecorderPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly offer: (spans: readonly DatedSpan[]) => void;
}

/** Decides which traces are recorded, and dates their spans. */
export class SpanRecorder implements Tracer {
  readonly #settings: Pick<TracingSettings, 'sample' | 'parentBased'>;
  readonly #ports: RecorderPorts;
  readonly #wall: WallTime;

  constructor(settings: Pick<TracingSettings, 'sample' | 'parentBased'>, ports: RecorderPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#wall = new WallTime(ports.clock);
  }

  begin(parent: TraceContext | undefined): TraceContext {
    if (parent !== undefined && this.#settings.parentBased) return this.below(parent);
    const traceId = parent?.traceId ?? this.#digits(4);
    const recorded = this.#isChosen(traceId) ? 1 : 0;
    return {
      traceId,
      spanId: this.#digits(2),
      flags: ((parent?.flags ?? 0) & 2) | recorded,
      state: parent?.state ?? '',
    };
  }

  below({ traceId, flags, state }: TraceContext): TraceContext {
    return { traceId, spanId: this.#digits(2), flags, state };
  }

  record(spans: readonly Span[]): void {
    const recorded = spans.filter(({ context }) => isRecorded(context));
    if (recorded.length === 0) return;
    this.#wall.look();
    this.#ports.offer(recorded.map(span => this.#dated(span)));
  }

  #dated(span: Span): DatedSpan {
    const { begun, ended } = span;
    return { ...span, begun: this.#wall.of(begun), ended: this.#wall.of(Math.max(begun, ended)) };
  }

  /** By the last 52 bits of the trace's id, which all who sample it so agree upon. */
  #isChosen(traceId: string): boolean {
    return Number.parseInt(traceId.slice(-13), 16) >= (1 - this.#settings.sample) * 2 ** 52;
  }

  /** So many times eight hex digits, by chance. */
  #digits(count: number): string {
    let digits = '';
    for (let part = 0; part < count; part++) digits += hexOf(this.#ports.random.next() * 2 ** 32);
    return digits;
  }
}

/** Two digits of each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The eight digits of a number below 2^32: each request has several of them. */
function hexOf(number: number): string {
  const [first, second, third, last] = [
    number >>> 24,
    (number >>> 16) & 255,
    (number >>> 8) & 255,
    number & 255,
  ];
  return `${HEX[first]}${HEX[second]}${HEX[third]}${HEX[last]}`;
}
