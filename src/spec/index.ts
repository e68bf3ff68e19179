/**
 * The file: its schema, validation with places, canonical form, revisions and their hash, the launch contract, and the
 * list of metrics. It reads no files and starts nothing; it says what a file means.
 */
export { accessRules, readKeys } from './access-rules.ts';
export { type AuthOptions, isKeyFile } from './auth-schema.ts';
export {
  type Baked,
  type BakedModel,
  bakedRevision,
  type Configured,
  type Lying,
  type Pin,
  pinned,
} from './baked.ts';
export {
  counts,
  eventForms,
  fitsGrace,
  HEADER_NAME,
  isLoopback,
  largest,
  middlePriority,
  originProblem,
  places,
  providers,
  readClass,
  readCores,
  readDuration,
  readExpiry,
  readFraction,
  readLabel,
  readRate,
  readSize,
  readUrl,
  shortest,
} from './bounds.ts';
export { type Contained, contained } from './contained.ts';
export type { Door } from './contained-door.ts';
export { isOfPolicy } from './contained-policy.ts';
export {
  CACHE,
  CLAIMS,
  command,
  type LeftOut,
  MODELS,
  type Mounted,
  type Packed,
  PROGRAM,
  ports,
  SERVICE,
  SETTINGS,
} from './container.ts';
export { type Deployed, deployedRevision, podLaunch } from './deployed.ts';
export type { ModelMount, Pull } from './deployed-away.ts';
export { type ForeignKind, foreignKind } from './foreign-schema.ts';
export {
  formatOf,
  type ModelFormat,
  modelFilesOf,
  type PythonFormat,
  SAVED_MODEL,
} from './formats.ts';
export { type GatewayArm, type GatewayDoor, type GatewayPlan, gatewayPlanText } from './gateway-plan.ts';
export { USABLE } from './gpu-cards.ts';
export type { GpuOptions } from './gpu-schema.ts';
export type { KeyEntry } from './key-file.ts';
export type { KubernetesOptions } from './kubernetes-schema.ts';
export { type Launch, launch, type Place } from './launch.ts';
export { memoryBytes, milliseconds } from './launch-terms.ts';
export { clusterNotes, localRefusals } from './local-fields.ts';
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
export type { ModelEntry, ModelSource, RepositorySource } from './model-schema.ts';
export {
  describeIssue,
  type Issue,
  parse,
  parseAuth,
  parseGatewayPlan,
  parseKeys,
  parseModels,
  parsePolicy,
  parsePython,
} from './parse.ts';
export { podDrain } from './pod-drain.ts';
export type { Policy, SignaturePolicy } from './policy-schema.ts';
export { predictionMethod, predictionRoute } from './prediction-routes.ts';
export { effective, type PythonField, type PythonLoader, strayField } from './python-fields.ts';
export type { PythonOptions } from './python-schema.ts';
export {
  type Arm,
  type Artifact,
  type AskedUri,
  armsOf,
  type Found,
  type ModelIdentity,
  type PlacedModel,
  type Resolution,
  type Revision,
  type Role,
  serversHere,
  urisOf,
} from './revision.ts';
export {
  labelsProblem,
  lengthProblem,
  namesProblem,
  numbersProblem,
  pythonProblem,
} from './revision-problems.ts';
export type { Scaling } from './scaling-schema.ts';
export {
  jsonSchema,
  type ModelService,
  type RuntimeOptions,
  type Served,
  type ServerOptions,
  type SpotNotice,
} from './schema.ts';
export { pathOf, servedBy } from './served-by.ts';
export {
  addressPlace,
  azureService,
  endpointName,
  isDots,
  readSource,
  registryName,
  type SourcePlace,
} from './sources.ts';
export type { StagedFile } from './staged-files.ts';
export { isVersionNumber, readVersions, type Versions } from './versions.ts';
