/** An answer over gRPC as a flat list of named texts. */
import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { RpcAnswer } from './rpc-exchange.ts';
import { flattened, type View } from './view.ts';

interface Output {
  readonly datatype?: string;
  readonly contents?: Readonly<Record<string, readonly (number | string | boolean | Buffer)[]>>;
}

interface Answer {
  readonly model_name?: string;
  readonly outputs?: readonly Output[];
  readonly raw_output_contents?: readonly Buffer[];
}

/** Longer tensors are told by their hash. Bytes. */
const MOST_BYTES = 1_000;

const arrays = {
  BOOL: Uint8Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

export function rpcView({ code, details, messages }: RpcAnswer): View {
  const name = status[code] ?? String(code);
  const views = messages.map(message => messageView(message));
  // What a stream answered is compared also when it then fails.
  const said = views.length === 1 && code === 0 ? views[0] : numbered(views);
  return { status: name, ...(code !== 0 && { error: JSON.stringify(details) }), ...said };
}

function numbered(views: readonly View[]): View {
  return Object.fromEntries(
    views.flatMap((view, index) =>
      Object.entries(view).map(([name, text]) => [`message ${index + 1}: ${name}`, text]),
    ),
  );
}

function messageView(message: object): View {
  const { infer_response: inner, ...rest } = message as { infer_response?: Answer } & Answer;
  if (inner !== undefined) return { ...flattened(rest), ...answerView(inner) };
  // Other messages have outputs too, of other types.
  return rest.model_name === undefined ? flattened(rest) : answerView(rest);
}

function answerView({ outputs = [], raw_output_contents, ...plain }: Answer): View {
  const described = outputs.map(output => ({ ...output, contents: undefined }));
  const told = outputs.length === 0 ? plain : { ...plain, outputs: described };
  return { ...flattened(told), ...elements(outputs, raw_output_contents) };
}

/** The elements of each output under one name, whatever form they came in, and that form. */
function elements(outputs: readonly Output[], raw: readonly Buffer[] = []): View {
  const bytes = outputs.map((output, index) => raw[index] ?? packed(output));
  const view = bytes.map((data, index) => [`outputs[${index}].bytes`, shortened(data)]);
  const form = raw.length > 0 ? 'raw_output_contents' : 'contents';
  return { ...(outputs.length > 0 && { form }), ...Object.fromEntries(view) };
}

function shortened(bytes: Buffer): string {
  if (bytes.length <= MOST_BYTES) return bytes.toString('hex');
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Typed elements as they would be in raw form. */
function packed({ datatype = '', contents = {} }: Output): Buffer {
  const values = Object.values(contents).flat();
  if (datatype === 'BYTES') return Buffer.concat(values.map(value => prefixed(value as Buffer)));
  if (datatype === 'INT64') return Buffer.from(BigInt64Array.from(values as string[], BigInt).buffer);
  if (datatype === 'UINT64') return Buffer.from(BigUint64Array.from(values as string[], BigInt).buffer);
  const type = arrays[datatype as keyof typeof arrays];
  return Buffer.from(type.from(values.map(Number)).buffer);
}

function prefixed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
