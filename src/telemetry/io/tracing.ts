import type { Clock, Logger, Random, Tracer } from '#base';
import type { TracingSettings } from '../settings.ts';
import { type DatedSpan, SpanRecorder } from '../span-recorder.ts';
import type { Told } from '../told.ts';
import { Outbox } from './outbox.ts';

export interface TelemetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A tracer, and what became of its spans. */
export interface Tracing extends Tracer {
  readonly told: Told;
  /** Sends what waits, for so many milliseconds at most. */
  close(graceMs: number): Promise<void>;
}

/** Spans that may wait: a few megabytes. */
const MOST_SPANS = 4096;
/** Requests whose spans go together: to encode them must not take long. */
const BATCH = 32;
const GATHER_MS = 500;
const SEND_MS = 10_000;

/** Records what is sampled, and sends it to a collector. Nothing of OpenTelemetry is loaded before the first span. */
export function openTracing(settings: TracingSettings, { clock, random, logger }: TelemetryPorts): Tracing {
  const exporter = lazily(async () => {
    const { SpanExporter } = await import('./span-exporter.ts');
    return new SpanExporter(settings, SEND_MS);
  });
  const outbox = new Outbox<readonly DatedSpan[]>({
    to: new URL(settings.endpoint).host,
    most: { items: MOST_SPANS, bytes: 0 },
    batch: BATCH,
    gatherMs: GATHER_MS,
    lanes: 1,
    // The exporter tries again by itself, within its time.
    tries: 1,
    sendMs: SEND_MS + 1000,
    send: async batch => (await exporter.get()).send(batch.flat()),
    logger,
    clock,
  });
  const recorder = new SpanRecorder(settings, {
    clock,
    random,
    offer: spans => outbox.offer(spans, 0, spans.length),
  });
  return {
    begin: parent => recorder.begin(parent),
    below: parent => recorder.below(parent),
    record: spans => recorder.record(spans),
    get told() {
      return outbox.told;
    },
    async close(graceMs) {
      await outbox.close(graceMs);
      // What it still waits for it has given up.
      void exporter.made?.then(made => made.close()).catch(() => undefined);
    },
  };
}

/** Made when it is first asked for; what failed to be made is tried again. */
function lazily<T>(make: () => Promise<T>): { get(): Promise<T>; readonly made: Promise<T> | undefined } {
  let made: Promise<T> | undefined;
  return {
    get() {
      made ??= make().catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return made;
    },
    get made() {
      return made;
    },
  };
}
