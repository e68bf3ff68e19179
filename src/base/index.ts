/**
 * The floor: results, the error catalogue, ports for time, logs, traces and chance, units and backoff.
 * It knows nothing of models, services or protocols.
 */
export { type Backoff, pauseBefore } from './backoff.ts';
export { boundedLogger } from './bounded-logger.ts';
export {
  AppError,
  asAppError,
  catalogue,
  type ErrorCode,
  type ExitCode,
  failure,
  messageOf,
  type Place,
} from './errors.ts';
export { Countdown, type DrainTimes } from './io/countdown.ts';
export { jsonLogger, systemClock, systemRandom } from './io/system.ts';
export { boundYoungGeneration } from './io/young-generation.ts';
export { Lines } from './lines.ts';
export { percentDecoded } from './percent.ts';
export type { Clock, Logger, LogLevel, Random } from './ports.ts';
export { err, ok, type Result, unreachable } from './result.ts';
export { stableJson } from './stable-json.ts';
export { suggest } from './suggest.ts';
export { table } from './table.ts';
export { traceContextOf, traceparentOf } from './trace-context.ts';
export {
  isRecorded,
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type TraceContext,
  type Tracer,
} from './tracing.ts';
export { barText, parseBytes, parseDuration, sizeText } from './units.ts';
