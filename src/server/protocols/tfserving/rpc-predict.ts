/** `Predict` of `tensorflow.serving.PredictionService`: tensors by name. */
import { failure } from '#base';
import { invalid, type NamedTensor, type ServedModel, toRequest } from '../../models/signature.ts';
import { decode, encodePieces } from '../../protobuf/codec.ts';
import type { Decoded as Message } from '../../protobuf/schema.ts';
import { PredictionService } from '../../protobuf/tensorflow-serving.ts';
import { shown } from '../../tensors/shown.ts';
import type { Answered, Decoded } from '../port.ts';
import type { Pieces, RpcPredict } from '../rpc.ts';
import { Filling } from './filling.ts';
import { modelSpec, targetOf } from './model-spec.ts';
import { checkSignature } from './signature.ts';
import { readTensorProto, tensorProto } from './tensor-proto.ts';
import { wordsOf } from './words.ts';

const { request, response } = PredictionService.methods.Predict;
type PredictMessage = Message<typeof request>;

interface Form {
  /** Places of the outputs wanted, in the signature. */
  readonly outputs: readonly number[];
}

export const predictCall: RpcPredict<PredictMessage, Form> = {
  kind: 'predict',
  parse: message => decode(request, message),
  target: ({ model_spec }) => targetOf(model_spec),
  words: wordsOf,
  translator: { name: 'tfserving.rpc-predict', decode: decodePredict, answer },
};

function decodePredict(message: PredictMessage, model: ServedModel): Decoded<Form> {
  checkSignature(message.model_spec?.signature_name ?? '', ['model_spec', 'signature_name']);
  checkInputs(message, model);
  const outputs = outputsOf(message, model);
  const filling = new Filling();
  const given: NamedTensor[] = [];
  for (const [name, tensor] of message.inputs) {
    const at = ['inputs', name];
    given.push({ name, tensor: readTensorProto(tensor, { name, at, filling }), at });
  }
  return { request: toRequest(model, given, ['inputs']), form: { outputs } };
}

/** Before their elements are looked at: there may be any number of them. */
function checkInputs({ inputs }: PredictMessage, model: ServedModel): void {
  const expected = model.signature.inputs.map(({ name }) => name);
  const extra = [...inputs.keys()].find(name => !expected.includes(name));
  const missing = expected.find(name => !inputs.has(name));
  if (inputs.size !== expected.length) {
    const sent = extra === undefined ? '' : shown(extra);
    throw invalid(
      `input size does not match signature: ${inputs.size}!=${expected.length} of {${expected.join(',')}}. Sent extra: {${sent}}. Missing but required: {${missing ?? ''}}.`,
      ['inputs'],
    );
  }
  if (extra !== undefined)
    throw invalid(
      `input tensor alias not found in signature: ${shown(extra)}. Inputs expected to be in the set {${expected.join(',')}}.`,
      ['inputs', extra],
    );
}

/** What the filter names, or everything. */
function outputsOf({ output_filter: filter }: PredictMessage, { signature }: ServedModel): number[] {
  if (filter.length === 0) return [...signature.outputs.keys()];
  const places = new Set<number>();
  for (const name of filter) {
    const place = signature.outputs.findIndex(output => output.name === name);
    if (place === -1) {
      const names = signature.outputs.map(output => output.name).join(',');
      throw invalid(
        `output tensor alias not found in signature: ${shown(name)} Outputs expected to be in the set {${names}}.`,
        ['output_filter'],
      );
    }
    if (places.has(place)) throw invalid(`duplicate output tensor alias: ${name}`, ['output_filter']);
    places.add(place);
  }
  return [...places];
}

function answer({ outputs: places }: Form, { model, outputs }: Answered): Pieces {
  const named = places.map(place => {
    const spec = model.signature.outputs[place];
    const tensor = outputs[place];
    if (spec === undefined || tensor === undefined)
      throw failure('internal', { problem: 'an output is missing' });
    return [spec.name, tensorProto(tensor)] as const;
  });
  return encodePieces(response, { outputs: new Map(named), model_spec: modelSpec(model) });
}
