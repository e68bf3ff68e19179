/** Predictions over gRPC, with a client that others wrote: tensors as bytes, or as typed lists. */
import { type Contents, type InferReply, Rpc } from '../conformance/rpc.ts';
import type { Form, Place, Question, Reply } from './forms.ts';
import { inJson } from './json.ts';
import { arrayOf, type Datatype, type RawTensor, stringsOf } from './tensor.ts';

/** Both forms, and what closes their connection. Typed lists have no half precision: such questions go as bytes. */
export function rpcForms({ grpc }: Place): { forms: Form[]; close: () => void } {
  const rpc = new Rpc(grpc);
  // The client writes a NaN of a list anew.
  const form = (name: string, isTyped: boolean): Form => ({
    name,
    carries: () => (isTyped ? 'values' : 'bits'),
    ask: question => ask(rpc, question, isTyped && question.inputs.every(inJson)),
  });
  return { forms: [form('gRPC, bytes', false), form('gRPC, typed', true)], close: () => rpc.close() };
}

async function ask(rpc: Rpc, { model, inputs, wanted }: Question, typed: boolean): Promise<Reply> {
  const request = {
    model_name: model,
    inputs: inputs.map(input => ({
      name: input.name,
      datatype: input.datatype,
      shape: input.shape,
      ...(typed && { contents: contentsOf(input) }),
    })),
    outputs: wanted.map(({ name }) => ({ name })),
    ...(!typed && { raw_input_contents: inputs.map(({ raw }) => raw) }),
  };
  try {
    return { outputs: outputsOf(await rpc.call<InferReply>('ModelInfer', request)) };
  } catch (error: unknown) {
    return { error: String(error) };
  }
}

/** The list that holds each datatype, by the protocol's open_inference_grpc.proto. */
const fields: Readonly<Record<Exclude<Datatype, 'FP16'>, keyof Contents>> = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

function contentsOf({ datatype, raw }: RawTensor): Contents {
  if (datatype === 'BYTES') return { bytes_contents: stringsOf(raw) };
  if (datatype === 'FP16') throw new TypeError('half precision has no typed list');
  const values = Array.from<number | bigint, unknown>(arrayOf(datatype, raw), value =>
    datatype === 'BOOL' ? value === 1 : typeof value === 'bigint' ? String(value) : value,
  );
  return { [fields[datatype]]: values };
}

function outputsOf({ outputs, raw_output_contents: contents }: InferReply): RawTensor[] {
  if (contents.length !== outputs.length)
    throw new Error(`${contents.length} contents for ${outputs.length} outputs`);
  return outputs.map(({ name, datatype, shape }, index) => ({
    name,
    datatype: datatype as Datatype,
    shape: shape.map(Number),
    raw: contents[index] ?? Buffer.alloc(0),
  }));
}
