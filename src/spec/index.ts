/**
 * The file: its schema, validation with places, canonical form, revisions and their hash, the launch contract, and the
 * list of metrics. It reads no files and starts nothing; it says what a file means.
 */
export { counts, fitsGrace, readDuration, readLabel, readSize, shortest } from './bounds.ts';
export { type Launch, launch, milliseconds, type Place } from './launch.ts';
export {
  type Drop,
  drops,
  type Flush,
  flushes,
  type Metric,
  type MetricName,
  metrics,
  type Outcome,
  outcomes,
} from './metrics.ts';
export { describeIssue, type Issue, parse } from './parse.ts';
export {
  type Arm,
  type Artifact,
  armsOf,
  type ModelIdentity,
  type Revision,
  type Role,
} from './revision.ts';
export { jsonSchema, type ModelService, type ModelSource } from './schema.ts';
