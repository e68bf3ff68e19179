/** TensorFlow Serving's two interfaces. */
import { decode, encode } from '../../../src/server/protobuf/codec.ts';
import { PredictionService } from '../../../src/server/protobuf/tensorflow-serving.ts';
import { Rpc } from '../../conformance/rpc.ts';
import { toBytes } from './bytes.ts';
import { flat, nested } from './flat.ts';
import { refusedBy } from './grpc.ts';
import { HttpClient } from './http.ts';
import type { Place } from './place.ts';
import type { Protocol } from './protocol.ts';
import type { Question, Told, Values } from './question.ts';

export function tfsRest(place: Place): Protocol {
  const client = new HttpClient(place);
  return {
    name: 'TFS REST',
    async ask({ model, version, input }, { signal } = {}) {
      const at = version === undefined ? '' : `/versions/${version}`;
      const { body } = await client.good({
        path: `/v1/models/${model}${at}:predict`,
        body: `{"instances":${JSON.stringify(nested(input))}}`,
        ...(signal !== undefined && { signal }),
      });
      const { predictions } = JSON.parse(body.toString()) as { predictions: unknown };
      return { version: undefined, shape: undefined, data: flat(predictions) };
    },
    close: () => client.close(),
  };
}

const { request, response } = PredictionService.methods.Predict;

/** DataType's numbers. */
const TYPES: Readonly<Record<Values['datatype'], number>> = { FP32: 1, BYTES: 7, INT64: 9 };

export function tfsRpc(place: Place): Protocol {
  const rpc = new Rpc(place.grpc, { 'grpc.enable_retries': 0 });
  return {
    name: 'TFS gRPC',
    async ask(question) {
      const reply = await refusedBy(
        rpc.callRaw('/tensorflow.serving.PredictionService/Predict', asked(question)),
      );
      return read(decode(response, reply ?? Buffer.alloc(0)), question);
    },
    close: () => rpc.close(),
  };
}

function asked({ model, version, input }: Question): Buffer {
  const { name, datatype, shape, data } = input;
  const choice =
    version === undefined
      ? {}
      : { version_choice: { case: 'version', value: { value: BigInt(version) } } as const };
  const content =
    datatype === 'BYTES'
      ? { string_val: data.map(text => Buffer.from(String(text))) }
      : { tensor_content: toBytes(input) };
  const tensor = {
    dtype: TYPES[datatype],
    tensor_shape: { dim: shape.map(size => ({ size: BigInt(size) })) },
    ...content,
  };
  return encode(request, { model_spec: { name: model, ...choice }, inputs: new Map([[name, tensor]]) });
}

function read(reply: ReturnType<typeof decode<typeof response>>, { output }: Question): Told {
  const tensor = reply.outputs.get(output.name);
  if (tensor === undefined) throw new Error(`the answer has no output ${output.name}`);
  const choice = reply.model_spec?.version_choice;
  const version = choice?.case === 'version' ? String(choice.value.value) : undefined;
  const shape = tensor.tensor_shape?.dim.map(({ size }) => Number(size));
  const numbers = output.datatype === 'FP32' ? tensor.float_val : tensor.int64_val;
  const data = output.datatype === 'BYTES' ? tensor.string_val.map(String) : Array.from(numbers, Number);
  return { version, shape, data };
}
