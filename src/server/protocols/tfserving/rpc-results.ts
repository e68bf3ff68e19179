/** `Classify` and `Regress` of `tensorflow.serving.PredictionService`. */
import { type ServedModel, toRequest } from '../../models/signature.ts';
import { decode, encodePieces } from '../../protobuf/codec.ts';
import type { Decoded as Message } from '../../protobuf/schema.ts';
import { PredictionService } from '../../protobuf/tensorflow-serving.ts';
import type { Decoded } from '../port.ts';
import type { RpcPredict } from '../rpc.ts';
import { classesOf, classOutputs, regressOutput, valuesOf } from './classification.ts';
import { modelSpec, targetOf } from './model-spec.ts';
import type { ClassifyForm, RegressForm } from './results.ts';
import { readInput } from './rpc-examples.ts';
import { checkSignature } from './signature.ts';
import { wordsOf } from './words.ts';

const { Classify, Regress } = PredictionService.methods;
type ClassifyMessage = Message<typeof Classify.request>;
type RegressMessage = Message<typeof Regress.request>;

export const classifyCall: RpcPredict<ClassifyMessage, ClassifyForm> = {
  kind: 'predict',
  parse: message => decode(Classify.request, message),
  target: ({ model_spec }) => targetOf(model_spec),
  words: wordsOf,
  translator: {
    name: 'tfserving.rpc-classify',
    decode: (message, model) => decoded(message, model, classOutputs(model)),
    answer(form, answered) {
      const classifications = classesOf(answered, form, form.examples).map(classes => ({ classes }));
      return encodePieces(Classify.response, {
        result: { classifications },
        model_spec: modelSpec(answered.model),
      });
    },
  },
};

export const regressCall: RpcPredict<RegressMessage, RegressForm> = {
  kind: 'predict',
  parse: message => decode(Regress.request, message),
  target: ({ model_spec }) => targetOf(model_spec),
  words: wordsOf,
  translator: {
    name: 'tfserving.rpc-regress',
    decode: (message, model) => decoded(message, model, { output: regressOutput(model) }),
    answer({ output, examples }, answered) {
      const regressions = valuesOf(answered, output, examples).map(value => ({ value }));
      return encodePieces(Regress.response, {
        result: { regressions },
        model_spec: modelSpec(answered.model),
      });
    },
  },
};

function decoded<P extends object>(
  { model_spec, input }: ClassifyMessage | RegressMessage,
  model: ServedModel,
  places: P,
): Decoded<P & { readonly examples: number }> {
  checkSignature(model_spec?.signature_name ?? '', ['model_spec', 'signature_name']);
  const { given, count } = readInput(input, model);
  return { request: toRequest(model, given, ['input']), form: { ...places, examples: count } };
}
