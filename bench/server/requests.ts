/** One row of digits as a request in each of the forms that one can ask in. */

export const PATHS = {
  json: '/predict',
  binary: '/v2/models/digits/infer',
  grpc: '/inference.GRPCInferenceService/ModelInfer',
} as const;

export type Form = keyof typeof PATHS;

/** The header of the binary form says how long the JSON is. */
export interface BinaryRequest {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export function binaryRequest(pixels: readonly number[]): BinaryRequest {
  const bytes = floats(pixels);
  const parameters = { binary_data_size: bytes.length };
  const input = { name: 'pixels', datatype: 'FP32', shape: [1, pixels.length], parameters };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const headers = {
    'Inference-Header-Content-Length': String(head.length),
    'Content-Type': 'application/octet-stream',
  };
  return { body: Buffer.concat([head, bytes]), headers };
}

/**
 * ModelInferRequest with model_name (1), one input (5: name 1, datatype 2, shape 3) and its raw contents (7). By hand, so
 * that the bench does not measure with what it measures.
 */
export function rpcRequest(pixels: readonly number[]): Buffer {
  const input = [field(1, 'pixels'), field(2, 'FP32'), field(3, Buffer.from([1, pixels.length]))];
  return Buffer.concat([field(1, 'digits'), field(5, Buffer.concat(input)), field(7, floats(pixels))]);
}

/** A message behind its flag and length, as HTTP/2 carries it. */
export function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The floats that an answer ends with, in the binary form as in gRPC's. */
export function lastFloats(answer: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) => answer.readFloatLE(answer.length - 4 * (count - index)));
}

function floats(values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
