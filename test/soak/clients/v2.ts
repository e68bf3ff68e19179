/** OIP/V2 over HTTP, with tensors in JSON or as bytes behind it. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { fromBytes, toBytes } from './bytes.ts';
import { flat } from './flat.ts';
import { type Answer, type Asked, HttpClient } from './http.ts';
import type { Place } from './place.ts';
import type { Protocol, Wishes } from './protocol.ts';
import type { Question, Told } from './question.ts';

const HEADER = 'Inference-Header-Content-Length';

interface Reply {
  readonly model_name: string;
  readonly model_version: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data?: unknown;
    readonly parameters?: { readonly binary_data_size?: number };
  }[];
}

export function v2Json(place: Place): Protocol {
  return over(
    new HttpClient(place),
    'V2 JSON',
    jsonRequest,
    answer => JSON.parse(answer.toString()) as Reply,
  );
}

/** JSON that is compressed both ways. */
export function v2Gzip(place: Place): Protocol {
  const request = (question: Question, wishes: Wishes): Asked => {
    const { body = '', ...rest } = jsonRequest(question, wishes);
    const headers = { ...rest.headers, 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' };
    return { ...rest, headers, body: gzipSync(body) };
  };
  return over(new HttpClient(place), 'V2 gzip', request, body => JSON.parse(body.toString()) as Reply);
}

export function v2Binary(place: Place, sockets?: number): Protocol {
  const client = new HttpClient(place, sockets);
  return {
    name: 'V2 binary',
    async ask(question, wishes = {}) {
      const answer = await client.good({ ...binaryRequest(question, wishes), ...signalOf(wishes) });
      const length = Number(answer.headers[HEADER.toLowerCase()]);
      const reply = JSON.parse(answer.body.toString('utf8', 0, length)) as Reply;
      const { shape, version } = read(reply, question);
      return { shape, version, data: fromBytes(question.output.datatype, answer.body.subarray(length)) };
    },
    close: () => client.close(),
  };
}

function over(
  client: HttpClient,
  name: string,
  request: (question: Question, wishes: Wishes) => Asked,
  parse: (body: Buffer) => Reply,
): Protocol {
  return {
    name,
    async ask(question, wishes = {}) {
      const answer = await client.good({ ...request(question, wishes), ...signalOf(wishes) });
      return read(parse(plainBody(answer)), question);
    },
    close: () => client.close(),
  };
}

function plainBody({ headers, body }: Answer): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function signalOf({ signal }: Wishes): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function jsonRequest(question: Question, wishes: Wishes): Asked {
  const { name, datatype, shape, data } = question.input;
  const inputs = [{ name, datatype, shape, data }];
  return { path: pathOf(question), body: JSON.stringify({ inputs, ...parameters(wishes) }) };
}

function binaryRequest(question: Question, wishes: Wishes): Asked {
  const { name, datatype, shape } = question.input;
  const bytes = toBytes(question.input);
  const inputs = [{ name, datatype, shape, parameters: { binary_data_size: bytes.length } }];
  const json = Buffer.from(JSON.stringify({ inputs, ...parameters(wishes, { binary_data_output: true }) }));
  return {
    path: pathOf(question),
    headers: { [HEADER]: String(json.length) },
    body: Buffer.concat([json, bytes]),
  };
}

function pathOf({ model, version }: Question): string {
  return `/v2/models/${model}${version === undefined ? '' : `/versions/${version}`}/infer`;
}

/** `timeout` counts microseconds. */
function parameters({ deadlineMs }: Wishes, more: object = {}): object {
  return { parameters: { ...more, ...(deadlineMs !== undefined && { timeout: deadlineMs * 1000 }) } };
}

function read(reply: Reply, { model, output }: Question): Told {
  const [only, second] = reply.outputs;
  if (reply.model_name !== model || only?.name !== output.name || second !== undefined)
    throw new Error(`the answer is of another model or output: ${JSON.stringify(reply).slice(0, 300)}`);
  return { version: reply.model_version, shape: only.shape, data: flat(only.data) };
}
