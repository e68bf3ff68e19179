import { type Clock, type Logger, noTracer, type Random, systemRandom } from '#base';
import type { Records, Tracing } from '#telemetry';
import type { Counter, Registry } from '../metrics/registry.ts';
import type { ServedModel } from '../models/signature.ts';
import { HiddenNames } from '../observing/hidden-names.ts';
import { Observer, type ObserverSettings } from '../observing/observer.ts';

/** Where what is told of predictions goes, opened by whoever starts the server. The server closes it. */
export interface ObservingPorts {
  /** Draws the ids of traces, and the requests that are chosen. */
  readonly random?: Random;
  readonly tracing?: Tracing | undefined;
  readonly records?: Records | undefined;
  /** Writes lines of predictions, whatever level else is logged. */
  readonly lines?: Logger;
}

/** For what waits to be told when the server ends. Milliseconds. */
const MOST_FLUSH_MS = 3000;

const TELLS_NOTHING: ObserverSettings = { requests: 0, slowMs: Number.POSITIVE_INFINITY };

/** What a server tells besides metrics: its observer, and where that writes. */
export class Observing {
  /** Undefined where nothing is told. */
  readonly observer: Observer | undefined;
  readonly #ports: ObservingPorts & { readonly logger: Logger };
  readonly #hidden: HiddenNames;

  constructor(
    settings: ObserverSettings = TELLS_NOTHING,
    ports: ObservingPorts & { readonly clock: Clock; readonly logger: Logger },
  ) {
    const { tracing, records, clock, logger, random = systemRandom, lines = logger } = ports;
    this.#ports = ports;
    this.#hidden = new HiddenNames(settings.payload?.redact ?? []);
    const isOff =
      tracing === undefined &&
      records === undefined &&
      settings.requests === 0 &&
      settings.slowMs === Number.POSITIVE_INFINITY;
    if (isOff) return;
    this.observer = new Observer(settings, {
      clock,
      random,
      tracer: tracing ?? noTracer,
      logger: lines,
      records,
    });
  }

  /** These models can answer now. A name whose values were to be left out may be misspelt. */
  loaded(models: readonly ServedModel[]): void {
    if (models.length === 0) return;
    for (const name of this.#hidden.idle(models))
      this.#ports.logger.log('warn', 'payload log: no model that is loaded has what is to be redacted', {
        name,
      });
  }

  /** Makes the metrics of what is lost; call what it returns before reading them. */
  metrics(registry: Registry): () => void {
    const { tracing, records } = this.#ports;
    const updates = [
      ...(tracing ? [tracingMetrics(registry, tracing)] : []),
      ...(records ? [recordMetrics(registry, records)] : []),
    ];
    return () => {
      for (const update of updates) update();
    };
  }

  /** Sends what waits, for so many milliseconds at most and not for long. */
  async close(mostMs: number): Promise<void> {
    const graceMs = Math.max(0, Math.min(mostMs, MOST_FLUSH_MS));
    const { tracing, records } = this.#ports;
    await Promise.all([tracing?.close(graceMs), records?.close(graceMs)]);
  }
}

function tracingMetrics(registry: Registry, tracing: Tracing): () => void {
  const exported = following(registry.counter('trace_spans_exported_total'));
  const full = following(registry.counter('trace_spans_dropped_total', { reason: 'queue_full' }));
  const failed = following(registry.counter('trace_spans_dropped_total', { reason: 'export_failed' }));
  return () => {
    const { told } = tracing;
    exported(told.sent);
    full(told.dropped);
    failed(told.failed);
  };
}

function recordMetrics(registry: Registry, records: Records): () => void {
  const outcomes = ['written', 'dropped', 'failed'] as const;
  const [written, dropped, failed] = outcomes.map(outcome =>
    following(registry.counter('payload_log_records_total', { outcome })),
  );
  return () => {
    const { told } = records;
    written?.(told.sent);
    dropped?.(told.dropped);
    failed?.(told.failed);
  };
}

/** A counter that is brought to a total which somebody else counts. */
function following(counter: Counter): (total: number) => void {
  let counted = 0;
  return total => {
    counter.add(total - counted);
    counted = total;
  };
}
