/**
 * What a process tells others of its work: spans to a collector and records to a file or a sink, with a bound on what waits.
 * It never delays the work: what does not fit is dropped and counted.
 */
export { keyValues, type TracingTold, tracingSettings, unusableEndpoint } from './environment.ts';
export { FollowedTracing } from './io/followed-tracing.ts';
export { openRecords, type Records, type RecordTarget } from './io/records.ts';
export { openTracing, type Tracing } from './io/tracing.ts';
export type { PayloadRecord } from './payload-record.ts';
export type { TracingSettings } from './settings.ts';
export { NOTHING_TOLD, type Told } from './told.ts';
