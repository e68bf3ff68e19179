/** Traces, as whoever serves a request sees them: contexts are drawn when work begins, spans are told when it has ended. */

/** A span's place in a trace, as W3C Trace Context passes it on. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Bit 0: whether the trace is recorded. Bit 1: whether its id is random. */
  readonly flags: number;
  /** What other vendors passed along: `tracestate`; empty for none. */
  readonly state: string;
}

/** By OpenTelemetry's names: `server` answers a request, `client` makes one. */
export type SpanKind = 'internal' | 'server' | 'client';

/** What is left undefined is not told. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Work that has ended. */
export interface Span {
  readonly context: TraceContext;
  readonly parent: TraceContext | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds on the clock's `now`. */
  readonly begun: number;
  readonly ended: number;
  readonly attributes: SpanAttributes;
  /** Other spans that this one has to do with. */
  readonly links?: readonly TraceContext[];
  /** In one sentence, what went wrong; without it, all is well. */
  readonly error?: string | undefined;
}

/** Draws the contexts of spans, and takes the spans themselves. None of it waits, and none of it throws. */
export interface Tracer {
  /** For work that came in with a context, or with none; undefined where nothing is traced. `flags` says whether it is recorded. */
  begin(parent: TraceContext | undefined): TraceContext | undefined;
  /** For work beneath other work. */
  below(parent: TraceContext): TraceContext;
  /** Tells of work that was recorded: all of these, or none where there is no room. */
  record(spans: readonly Span[]): void;
}

/** Traces nothing. */
export const noTracer: Tracer = {
  begin: () => undefined,
  below: parent => parent,
  record: () => undefined,
};

export function isRecorded({ flags }: TraceContext): boolean {
  return (flags & 1) === 1;
}
