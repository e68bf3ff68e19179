/** Spans to an OTLP receiver over HTTP, by OpenTelemetry's own exporter. Loaded when the first spans are to go. */
import { type HrTime, type SpanContext, SpanKind, SpanStatusCode, type TraceState } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TraceContext } from '#base';
import type { TracingSettings } from '../settings.ts';
import type { DatedSpan } from '../span-recorder.ts';

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

const SCOPE = { name: 'fairlead' };

/** Sends batches of spans, trying again within its time what a receiver may take later. */
export class SpanExporter {
  readonly #exporter: OTLPTraceExporter;
  readonly #resource: Resource;

  constructor({ endpoint, resource }: TracingSettings, sendMs: number) {
    this.#exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: sendMs });
    this.#resource = resourceFromAttributes(resource);
  }

  /** Rejects when the receiver did not take them. */
  send(spans: readonly DatedSpan[]): Promise<void> {
    const readable = spans.map(span => readableOf(span, this.#resource));
    return new Promise((resolve, reject) =>
      this.#exporter.export(readable, ({ error }) => {
        if (error === undefined) resolve();
        else reject(error);
      }),
    );
  }

  async close(): Promise<void> {
    await this.#exporter.shutdown();
  }
}

function readableOf(span: DatedSpan, resource: Resource): ReadableSpan {
  const { context, parent, name, kind, begun, ended, attributes, links = [], error } = span;
  const told = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => spanContextOf(context),
    ...(parent !== undefined && { parentSpanContext: spanContextOf(parent) }),
    startTime: hrTime(begun),
    endTime: hrTime(ended),
    duration: hrTime(ended - begun),
    status:
      error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: Object.fromEntries(told),
    links: links.map(link => ({ context: spanContextOf(link) })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function spanContextOf({ traceId, spanId, flags, state }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: flags, ...(state !== '' && { traceState: stateOf(state) }) };
}

function stateOf(text: string): TraceState {
  const state: TraceState = {
    serialize: () => text,
    get: () => undefined,
    set: () => state,
    unset: () => state,
  };
  return state;
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
