/** TensorFlow Serving over gRPC: `tensorflow.serving.PredictionService` and `ModelService`. */
import { AppError, asAppError } from '#base';
import { invalid, type ServedModel } from '../../models/signature.ts';
import { encode } from '../../protobuf/codec.ts';
import type { Decoded, Encodable } from '../../protobuf/schema.ts';
import { Code, type SignatureDef } from '../../protobuf/tensorflow.ts';
import {
  ModelService,
  PredictionService,
  SignatureDefMap,
  State,
} from '../../protobuf/tensorflow-serving.ts';
import { shown } from '../../tensors/shown.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import type { Models, Target } from '../port.ts';
import type { RpcService } from '../rpc.ts';
import { answering } from '../rpc-answer.ts';
import { dtypeNumber } from './dtypes.ts';
import { modelSpec, targetOf, versionNumber } from './model-spec.ts';
import { predictCall } from './rpc-predict.ts';
import { classifyCall, regressCall } from './rpc-results.ts';
import { METHOD, SIGNATURE } from './signature.ts';
import { noVersions, versionStatuses } from './status.ts';
import { wordsOf } from './words.ts';

const { GetModelMetadata } = PredictionService.methods;
const { GetModelStatus } = ModelService.methods;

/** `MultiInference` is left out: it asks several signatures at once, and a model here has one. */
export const predictionService: RpcService = {
  name: PredictionService.name,
  methods: {
    Predict: predictCall,
    Classify: classifyCall,
    Regress: regressCall,
    GetModelMetadata: answering(GetModelMetadata, metadataOf),
  },
};

export const modelService: RpcService = {
  name: ModelService.name,
  methods: { GetModelStatus: answering(GetModelStatus, statusOf) },
};

/** The only field of metadata there is. */
const FIELD = 'signature_def';

type MetadataRequest = Decoded<typeof GetModelMetadata.request>;

function metadataOf(
  { model_spec, metadata_field: fields }: MetadataRequest,
  models: Models,
): Encodable<typeof GetModelMetadata.response> {
  const target = targetOf(model_spec);
  if (fields.length === 0)
    throw invalid('GetModelMetadataRequest must specify at least one metadata_field', ['metadata_field']);
  const other = fields.find(field => field !== FIELD);
  if (other !== undefined)
    throw invalid(`Metadata field ${shown(other)} is not supported`, ['metadata_field']);
  const model = found(models, target);
  const value = encode(SignatureDefMap, { signature_def: new Map([[SIGNATURE, signatureDef(model)]]) });
  const any = { type_url: `type.googleapis.com/${SignatureDefMap.name}`, value };
  return { model_spec: modelSpec(model, ''), metadata: new Map([[FIELD, any]]) };
}

/** Throws what `find` throws, in TensorFlow Serving's words. */
function found(models: Models, target: Target): ServedModel {
  try {
    return models.find(target);
  } catch (thrown: unknown) {
    const error = asAppError(thrown);
    throw new AppError(error.code, wordsOf(error), error.facts, thrown);
  }
}

function signatureDef({ signature }: ServedModel): Encodable<typeof SignatureDef> {
  return {
    inputs: new Map(signature.inputs.map(tensorInfo)),
    outputs: new Map(signature.outputs.map(tensorInfo)),
    method_name: METHOD,
  };
}

type TensorInfo =
  NonNullable<Encodable<typeof SignatureDef>['inputs']> extends ReadonlyMap<string, infer I> ? I : never;

function tensorInfo({ name, datatype, shape, unknownRank }: TensorSpec): [string, TensorInfo] {
  const unknown_rank = unknownRank === true;
  const dim = unknown_rank ? [] : shape.map(size => ({ size: BigInt(size) }));
  return [
    name,
    {
      encoding: { case: 'name', value: `${name}:0` },
      dtype: dtypeNumber(datatype),
      tensor_shape: { dim, unknown_rank },
    },
  ];
}

type StatusRequest = Decoded<typeof GetModelStatus.request>;

function statusOf({ model_spec }: StatusRequest, models: Models): Encodable<typeof GetModelStatus.response> {
  const target = targetOf(model_spec);
  const statuses = versionStatuses(models, target);
  if (statuses.length === 0) {
    const code = target.version === undefined ? 'model_unknown' : 'version_unknown';
    throw new AppError(code, noVersions(target), target);
  }
  return {
    model_version_status: statuses.map(({ version, state, code, message }) => ({
      version: versionNumber(version),
      state: State.values[state],
      status: { error_code: Code.values[code], error_message: message },
    })),
  };
}
