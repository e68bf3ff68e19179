/** Inputs and bodies of infer requests, in JSON and in bytes, and the tensors of answers. */
import assert from 'node:assert/strict';
import type { Request } from './http.ts';
import { type Answer } from './http.ts';
import type { OutputText } from './peer.ts';
import { type Json, readExact, textOf } from './text.ts';

/** An input; `data` may be text that stands as it is. */
export function input(
  name: string,
  datatype: string,
  shape: Json,
  data: Json,
): { readonly [name: string]: Json } {
  return { name, shape, datatype, data };
}

/** Both inputs of S: n rows of 0, 1, 2, … and of ones. */
export function pair(rows = 1, inner = 16): { readonly [name: string]: Json }[] {
  const counted = Array.from({ length: rows * inner }, (_, index) => index);
  return [
    input('INPUT0', 'INT32', [rows, inner], counted),
    input(
      'INPUT1',
      'INT32',
      [rows, inner],
      counted.map(() => 1),
    ),
  ];
}

/** The only input of F and its like. */
export function only(datatype: string, shape: Json, data: Json): Json {
  return { inputs: [input('INPUT0', datatype, shape, data)] };
}

/** An input whose bytes follow the JSON. */
export function binaryInput(name: string, datatype: string, shape: Json, size: Json): Json {
  return { name, shape, datatype, parameters: { binary_data_size: size } };
}

/** A body of JSON and what follows it, and the header that tells where the one ends. */
export function framed(
  json: Json,
  ...parts: readonly Buffer[]
): Pick<Request, 'body' | 'headers'> & { body: Buffer } {
  const text = Buffer.from(textOf(json));
  return {
    body: Buffer.concat([text, ...parts]),
    headers: { 'Inference-Header-Content-Length': String(text.length) },
  };
}

export function int32s(...values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}

export function floats(...values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

/** BYTES as they are in bytes: each with its length before it. */
export function strings(...values: readonly (string | Buffer)[]): Buffer {
  const parts = values.flatMap(value => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(value));
    return [length, Buffer.from(value as string)];
  });
  return Buffer.concat(parts);
}

export interface Split {
  readonly outputs: readonly OutputText[];
  /** The bytes of an output that came in bytes. */
  readonly bytes: (name: string) => Buffer;
  /** What the header says of the JSON's length; undefined when all is JSON. */
  readonly header: number | undefined;
}

/** Takes an answer apart, and asserts that its bytes are just those that its outputs announce. */
export function split({ headers, body }: Answer): Split {
  const header = headers['inference-header-content-length'];
  const length = header === undefined ? body.length : Number(header);
  const { outputs } = readExact(body.subarray(0, length).toString('utf8')) as { outputs: OutputText[] };
  const parts = new Map<string, Buffer>();
  let at = length;
  for (const { name, parameters } of outputs) {
    const size = parameters?.['binary_data_size'];
    if (typeof size !== 'number') continue;
    parts.set(name, body.subarray(at, at + size));
    at += size;
  }
  assert.equal(body.length, at, 'the body is as long as its header and its outputs say');
  const bytes = (name: string): Buffer => {
    const found = parts.get(name);
    assert(found !== undefined, `output ${name} did not come in bytes`);
    return found;
  };
  return { outputs, bytes, header: header === undefined ? undefined : length };
}
