/** One request of the table, and what makes such a table short to write. */
import type { status as rpcStatus } from '@grpc/grpc-js';
import type { HttpRequest } from '../exchange.ts';
import { methodPath, type RpcRequest } from '../rpc-exchange.ts';

export interface Case {
  /** What the request is, in words; unlike any other. */
  readonly title: string;
  readonly request: HttpRequest | RpcRequest;
  /** The status that fairlead must answer; of gRPC, its name. */
  readonly status: number | keyof typeof rpcStatus;
  /** Rules that explain a difference here, beside those that hold everywhere. */
  readonly differs: readonly string[];
  /** Fields whose values are never the same twice, as times are. */
  readonly varies?: RegExp;
}

export interface Group {
  readonly title: string;
  readonly cases: readonly Case[];
}

type Rest = readonly string[];

/** A request that fairlead answers with this status. */
export function answers(status: number, title: string, request: HttpRequest, differs: Rest = []): Case {
  return { title, request, status, differs };
}

/** A call that fairlead answers with this status. */
export function calls(
  status: keyof typeof rpcStatus,
  title: string,
  request: RpcRequest,
  ...differs: Rest
): Case {
  return { title, request, status, differs };
}

/** A call of the inference service. */
export function rpc(method: string, ...messages: readonly object[]): RpcRequest {
  return { path: methodPath(method), messages };
}

/** A request that must succeed. */
export function good(title: string, request: HttpRequest, ...differs: Rest): Case {
  return answers(200, title, request, differs);
}

/** A request that is wrong in a way that only the client can mend. */
export function bad(title: string, request: HttpRequest, ...differs: Rest): Case {
  return answers(400, title, request, differs);
}

export function get(path: string): HttpRequest {
  return { method: 'GET', path };
}

export function post(path: string, bytes?: string | Buffer, headers?: HttpRequest['headers']): HttpRequest {
  return { method: 'POST', path, ...(bytes !== undefined && { body: bytes }), ...(headers && { headers }) };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** An infer request of a body as it stands. */
export function inferText(
  model: string,
  bytes: string | Buffer,
  headers: HttpRequest['headers'] = JSON_TYPE,
): HttpRequest {
  return post(`/v2/models/${model}/infer`, bytes, headers);
}

/** An infer request of inputs written by `input`; `rest` are more members, each `"name":value`. */
export function infer(model: string, inputs: readonly string[], ...rest: Rest): HttpRequest {
  return inferText(model, body(inputs, ...rest));
}

export function body(inputs: readonly string[], ...rest: Rest): string {
  return `{${[...rest, `"inputs":[${inputs.join(',')}]`].join(',')}}`;
}

/** An input as JSON; `data` as it is to stand there. */
export function input(name: string, datatype: string, shape: string, data: string): string {
  return `{"name":"${name}","datatype":"${datatype}","shape":${shape},"data":${data}}`;
}

/** An input whose bytes follow the JSON; `size` as it is to stand there. */
export function binaryInput(name: string, datatype: string, shape: string, size: number | string): string {
  return `{"name":"${name}","datatype":"${datatype}","shape":${shape},"parameters":{"binary_data_size":${size}}}`;
}

/** An infer request of JSON and the bytes of binary tensors; `length` of the header where it is to be wrong. */
export function binary(
  model: string,
  json: string,
  tensors: readonly Buffer[],
  length: string | readonly string[] = String(Buffer.byteLength(json)),
): HttpRequest {
  return inferText(model, Buffer.concat([Buffer.from(json), ...tensors]), {
    'Inference-Header-Content-Length': length,
    'Content-Type': 'application/octet-stream',
  });
}
