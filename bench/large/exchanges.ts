/** A large tensor there and back, in each form that can carry it, and what of the answer proves that it came whole. */
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';

export interface Exchange {
  readonly name: string;
  /** Bytes of the tensor. */
  readonly bytes: number;
  /** Sends it; throws when the answer is not the tensor that went in. */
  run(): Promise<void>;
}

const METHOD = '/inference.GRPCInferenceService/ModelInfer';
const DEADLINE_MS = 120_000;

/** Numbers that are no round ones, so that their text is as long as numbers are. */
export function tensor(bytes: number): Float32Array {
  return Float32Array.from({ length: bytes / 4 }, (_, index) => Math.sin(index));
}

export function binaryRest(url: string, data: Float32Array): Exchange {
  const bytes = Buffer.from(data.buffer);
  const input = {
    name: 'x',
    datatype: 'FP32',
    shape: [1, data.length],
    parameters: { binary_data_size: bytes.length },
  };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const agent = new Agent({ keepAlive: true });
  return {
    name: 'V2 REST, binary',
    bytes: bytes.length,
    async run() {
      const headers = {
        'Inference-Header-Content-Length': head.length,
        'Content-Length': head.length + bytes.length,
      };
      const { response, body } = await post(`${url}/v2/models/large/infer`, {
        headers,
        agent,
        pieces: [head, bytes],
      });
      const jsonLength = Number(response.headers['inference-header-content-length']);
      if (!body.subarray(jsonLength).equals(bytes))
        throw new Error(`another tensor came back: ${body.toString('latin1', 0, 200)}`);
    },
  };
}

export function json(url: string, data: Float32Array): Exchange {
  const input = { name: 'x', datatype: 'FP32', shape: [1, data.length], data: Array.from(data) };
  const text = Buffer.from(JSON.stringify({ inputs: [input] }));
  const agent = new Agent({ keepAlive: true });
  return {
    name: `V2 REST, JSON (${Math.round(text.length / 1e6)} MB of text)`,
    bytes: data.byteLength,
    async run() {
      const headers = { 'Content-Type': 'application/json', 'Content-Length': text.length };
      const { body } = await post(`${url}/v2/models/large/infer`, { headers, agent, pieces: [text] });
      const { outputs } = JSON.parse(body.toString()) as { outputs: [{ data: number[] }] };
      const same =
        outputs[0].data.length === data.length &&
        outputs[0].data.every((value, index) => Math.fround(value) === data[index]);
      if (!same) throw new Error('another tensor came back');
    },
  };
}

export function grpc(address: string, data: Float32Array): Exchange {
  const bytes = Buffer.from(data.buffer);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  const message = inferRequest(data.length, bytes);
  return {
    name: 'gRPC ModelInfer',
    bytes: bytes.length,
    async run() {
      const same = (value: Buffer): Buffer => value;
      const deadline = Date.now() + DEADLINE_MS;
      const answer = await new Promise<Buffer>((resolve, reject) => {
        client.makeUnaryRequest(METHOD, same, same, message, { deadline }, (error, value) =>
          error === null && value !== undefined ? resolve(value) : reject(error),
        );
      });
      if (!answer.subarray(-bytes.length).equals(bytes)) throw new Error('another tensor came back');
    },
  };
}

interface Post {
  readonly headers: Record<string, string | number>;
  readonly agent: Agent;
  readonly pieces: readonly Buffer[];
}

async function post(
  url: string,
  { headers, agent, pieces }: Post,
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const outgoing = httpRequest(url, {
    method: 'POST',
    headers,
    agent,
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  for (const piece of pieces) outgoing.write(piece);
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (response.statusCode !== 200)
    throw new Error(`status ${response.statusCode}: ${body.toString('latin1', 0, 300)}`);
  return { response, body };
}

/** ModelInferRequest by hand: model_name (1), an input (5: name 1, datatype 2, shape 3), raw contents (7). */
function inferRequest(length: number, bytes: Buffer): Buffer {
  const field = (number: number, value: string | Buffer): Buffer => {
    const body = Buffer.from(value);
    return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(body.length), body]);
  };
  const input = [field(1, 'x'), field(2, 'FP32'), field(3, Buffer.concat([varint(1), varint(length)]))];
  return Buffer.concat([field(1, 'large'), field(5, Buffer.concat(input)), field(7, bytes)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
