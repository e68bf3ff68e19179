/** `inference.GRPCInferenceService`: OIP/V2 over gRPC, with Triton's extensions. */
import { asAppError } from '#base';
import { encode, encodePieces } from '../../protobuf/codec.ts';
import { GRPCInferenceService } from '../../protobuf/oip.ts';
import { ModelInferResponse, ModelStreamInferResponse } from '../../protobuf/oip-infer.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import type { Models, Target } from '../port.ts';
import type { RpcPredictions, RpcService } from '../rpc.ts';
import { answering } from '../rpc-answer.ts';
import { extensionsOf, propertiesOf, type V2Options } from './routes.ts';
import { controlMethods, missingMethods, targetOf } from './rpc-control.ts';
import { type InferMessage, modelInfer } from './rpc-infer.ts';

const { methods } = GRPCInferenceService;

/** Field 2 of a stream's answer holds the answer of one inference: a tag and a length before it. */
const ANSWER_TAG = (2 << 3) | 2;

/**
 * No request has more than one answer here, so each is the last. A part of a message, which adds to the rest: clients of
 * Triton wait for it on any stream.
 */
const FINAL = encode(ModelInferResponse, {
  parameters: new Map([
    ['triton_final_response', { parameter_choice: { case: 'bool_param', value: true } as const }],
  ]),
});

const modelStreamInfer: RpcPredictions<InferMessage> = {
  kind: 'predictions',
  predict: modelInfer,
  answered: answer => [
    header(answer.reduce((sum, { length }) => sum + length, FINAL.length)),
    ...answer,
    FINAL,
  ],
  refused: ({ message }, request) =>
    encodePieces(ModelStreamInferResponse, {
      error_message: message,
      infer_response: { id: request?.id ?? '', model_name: request?.model_name ?? '' },
    }),
};

function header(length: number): Buffer {
  const bytes = [ANSWER_TAG];
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function inferenceService({ identity, repository }: V2Options): RpcService {
  return {
    name: GRPCInferenceService.name,
    methods: {
      ServerLive: answering(methods.ServerLive, () => ({ live: true })),
      ServerReady: answering(methods.ServerReady, (_, models) => ({ ready: models.ready() })),
      ModelReady: answering(methods.ModelReady, (request, models) => ({
        ready: isReady(models, targetOf(request)),
      })),
      ServerMetadata: answering(methods.ServerMetadata, () => ({
        ...identity,
        extensions: extensionsOf(repository),
      })),
      ModelMetadata: answering(methods.ModelMetadata, modelMetadata),
      ModelInfer: modelInfer,
      ModelStreamInfer: modelStreamInfer,
      ...controlMethods(repository),
      ...missingMethods,
    },
  };
}

/** Of what is not there, Triton's clients want to hear that it is not ready, and take an error for a broken server. */
function isReady(models: Models, target: Target): boolean {
  try {
    models.check(target);
    return true;
  } catch (error: unknown) {
    const { code } = asAppError(error);
    if (code === 'model_unknown' || code === 'version_unknown' || code === 'model_not_ready') return false;
    throw error;
  }
}

function modelMetadata(request: { readonly name: string; readonly version: string }, models: Models) {
  const model = models.find(targetOf(request));
  const { name, platform, signature, version } = model;
  const ready = models.versions(name).filter(one => one.ready);
  return {
    name,
    versions: request.version === '' ? ready.map(one => one.version) : [version],
    platform,
    inputs: signature.inputs.map(tensorMetadata),
    outputs: signature.outputs.map(tensorMetadata),
    properties: new Map(propertiesOf(model)),
  };
}

function tensorMetadata({ name, datatype, shape }: TensorSpec) {
  return { name, datatype, shape: shape.map(BigInt) };
}
