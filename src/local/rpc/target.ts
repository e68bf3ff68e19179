import type { Target } from '../route.ts';
import { skim } from './skim.ts';

/** Bytes of a name or version that may be one; a longer one is nobody's. */
const LONGEST = 256;

type Reader = (message: Buffer) => Target;

/** Where each method names its model. The others name none, and anybody can answer them. */
const READERS: Readonly<Record<string, Reader>> = {
  '/inference.GRPCInferenceService/ModelInfer': inferenceTarget,
  '/inference.GRPCInferenceService/ModelStreamInfer': inferenceTarget,
  '/inference.GRPCInferenceService/ModelReady': inferenceTarget,
  '/inference.GRPCInferenceService/ModelMetadata': inferenceTarget,
  '/inference.GRPCInferenceService/ModelConfig': inferenceTarget,
  '/inference.GRPCInferenceService/ModelStatistics': inferenceTarget,
  '/tensorflow.serving.PredictionService/Predict': servingTarget,
  '/tensorflow.serving.PredictionService/Classify': servingTarget,
  '/tensorflow.serving.PredictionService/Regress': servingTarget,
  '/tensorflow.serving.PredictionService/GetModelMetadata': servingTarget,
  '/tensorflow.serving.PredictionService/MultiInference': tasksTarget,
  '/tensorflow.serving.ModelService/GetModelStatus': servingTarget,
};

const ANYBODY: Target = {};

/** Services whose methods answer once, but for this one. */
const UNARY = /^\/(?:inference\.GRPCInferenceService|tensorflow\.serving\.\w+)\/(?!ModelStreamInfer$)/;

/** Whether a method is known to answer with one message. */
export function isUnary(path: string): boolean {
  return UNARY.test(path);
}

/** The model, and perhaps the version, that a call's first message names. */
export function rpcTargetOf(path: string, message: Buffer): Target {
  const read = Object.hasOwn(READERS, path) ? READERS[path] : undefined;
  return read === undefined ? ANYBODY : read(message);
}

/** Package `inference`: fields 1 and 2 are the texts `model_name` (or `name`) and `model_version` (or `version`). */
function inferenceTarget(message: Buffer): Target {
  const { first, second } = skim(message);
  return target(textOf(first), textOf(second));
}

/** Package `tensorflow.serving`: field 1 is a ModelSpec. */
function servingTarget(message: Buffer): Target {
  const { first: spec } = skim(message);
  return spec === undefined ? ANYBODY : specTarget(spec);
}

/** MultiInferenceRequest: field 1 are the tasks, of one model, each with its ModelSpec as field 1. */
function tasksTarget(message: Buffer): Target {
  const { first: task } = skim(message);
  return task === undefined ? ANYBODY : servingTarget(task);
}

/** ModelSpec: `name` is field 1, and `version` field 2, an Int64Value, whose default is 0. Labels are the server's. */
function specTarget(spec: Buffer): Target {
  const { first, second } = skim(spec);
  const version = second && String(BigInt.asIntN(64, skim(second).integer ?? 0n));
  return target(textOf(first), version);
}

function target(model: string | undefined, version: string | undefined): Target {
  return { ...(model !== undefined && { model }), ...(version !== undefined && { version }) };
}

function textOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined || bytes.length === 0 || bytes.length > LONGEST) return undefined;
  return bytes.toString('utf8');
}
