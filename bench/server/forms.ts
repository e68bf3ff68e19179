/** One row of a model as a request in each of the forms that one can ask in, and the values of its answer. */
import { z } from 'zod';
import type { Model } from './models.ts';

/**
 * `rows`: JSON's nested lists. `v2`: the Open Inference Protocol in JSON, `binary`: with its binary tensors, `base64`:
 * with the tensor's bytes as base64, for a server that has no binary ones, `grpc`: as ModelInfer. `bytes`: nothing but the
 * tensor's bytes, `packed`: those as base64 in a JSON object.
 */
export type Form = 'rows' | 'packed' | 'v2' | 'binary' | 'base64' | 'bytes' | 'grpc';

export interface Encoded {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

type Row = readonly number[];

const json = { 'Content-Type': 'application/json' };
const octets = { 'Content-Type': 'application/octet-stream' };

const encoders: Readonly<Record<Form, (model: Model, row: Row) => Encoded>> = {
  rows: (_, row) => ({ body: Buffer.from(JSON.stringify({ inputs: [row] })), headers: json }),
  packed: (model, row) => ({
    body: Buffer.from(JSON.stringify({ bytes: tensorBytes(model, row).toString('base64') })),
    headers: json,
  }),
  v2: (model, row) => ({
    body: Buffer.from(JSON.stringify({ inputs: [{ ...head(model), data: row }] })),
    headers: json,
  }),
  base64(model, row) {
    const data = [tensorBytes(model, row).toString('base64')];
    const parameters = { content_type: 'base64' };
    const input = { name: model.input.name, datatype: 'BYTES', shape: [1, 1], parameters, data };
    return { body: Buffer.from(JSON.stringify({ inputs: [input] })), headers: json };
  },
  binary(model, row) {
    const bytes = tensorBytes(model, row);
    const input = { ...head(model), parameters: { binary_data_size: bytes.length } };
    const text = JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } });
    // The header says how long the JSON is.
    const headers = { ...octets, 'Inference-Header-Content-Length': String(Buffer.byteLength(text)) };
    return { body: Buffer.concat([Buffer.from(text), bytes]), headers };
  },
  bytes: (model, row) => ({ body: tensorBytes(model, row), headers: octets }),
  grpc: (model, row) => ({ body: rpcMessage(model, row), headers: {} }),
};

/** The request that asks `model` for one row. */
export function encode(form: Form, model: Model, row: Row): Encoded {
  return encoders[form](model, row);
}

const numbers = z.array(z.number());
const rowsAnswer = z.union([z.object({ predictions: z.tuple([numbers]) }), z.tuple([numbers])]);
const tensors = z.object({ outputs: z.array(z.object({ name: z.string(), data: numbers })) });

/** The values of the one row that an answer is about. Throws when there are none. */
export function decode(form: Form, model: Model, answer: Buffer): readonly number[] {
  if (form === 'binary' || form === 'grpc') return lastFloats(answer, model.answers);
  const read: unknown = JSON.parse(answer.toString());
  if (form === 'rows' || form === 'packed' || form === 'bytes') {
    const given = rowsAnswer.parse(read);
    return Array.isArray(given) ? given[0] : given.predictions[0];
  }
  return tensors.parse(read).outputs.find(({ name }) => name === model.output)?.data ?? [];
}

/** A message behind its flag and length, as HTTP/2 carries it. */
export function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The floats that an answer ends with, in the binary form as in gRPC's. */
function lastFloats(answer: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) => answer.readFloatLE(answer.length - 4 * (count - index)));
}

function head({ input, row }: Model): object {
  return { name: input.name, datatype: input.datatype, shape: [1, ...row] };
}

function tensorBytes({ input }: Model, row: Row): Buffer {
  if (input.datatype === 'INT64') return Buffer.from(BigInt64Array.from(row, BigInt).buffer);
  return Buffer.from(Float32Array.from(row).buffer);
}

/**
 * ModelInferRequest with model_name (1), one input (5: name 1, datatype 2, shape 3) and its raw contents (7). By hand, so
 * that the bench does not measure with what it measures.
 */
function rpcMessage(model: Model, row: Row): Buffer {
  const shape = Buffer.concat([1, ...model.row].map(varint));
  const input = [field(1, model.input.name), field(2, model.input.datatype), field(3, shape)];
  return Buffer.concat([
    field(1, model.name),
    field(5, Buffer.concat(input)),
    field(7, tensorBytes(model, row)),
  ]);
}

function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >> 7)]);
}
