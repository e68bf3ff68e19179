/** OIP/V2 over gRPC, with a client that others wrote: one call for each question, or several in a stream. */
import { once } from 'node:events';
import type { ServiceError } from '@grpc/grpc-js';
import { type InferMessage, type InferReply, Rpc } from '../../conformance/rpc.ts';
import { fromBytes, toBytes } from './bytes.ts';
import type { Place } from './place.ts';
import type { Protocol } from './protocol.ts';
import { type Question, Refused, type Told } from './question.ts';

/** What the gateway and the server do is to be seen, not what the client's library makes good. */
const NO_RETRIES = { 'grpc.enable_retries': 0 };

export function grpcUnary(place: Place): Protocol {
  const rpc = new Rpc(place.grpc, NO_RETRIES);
  return {
    name: 'gRPC',
    async ask(question, { deadlineMs } = {}) {
      const options = deadlineMs === undefined ? {} : { deadlineMs };
      return read(
        await refusedBy(rpc.call<InferReply>('ModelInfer', messageOf(question, ''), options)),
        question,
      );
    },
    close: () => rpc.close(),
  };
}

/** As it comes in a stream. */
interface Streamed {
  readonly error_message: string;
  readonly infer_response: InferReply | null;
}

/** A stream for each question, which is asked so often. */
export function grpcStream(place: Place, times: number): Protocol {
  const rpc = new Rpc(place.grpc, NO_RETRIES);
  return {
    name: 'gRPC stream',
    async ask(question) {
      const replies = await refusedBy(streamed(rpc, question, times));
      const told = replies.map((reply, index) => inOrder(reply, index, question));
      if (told.length !== times) throw new Error(`${told.length} answers to ${times} messages of a stream`);
      for (const answer of told) question.check(answer);
      return told[0] as Told;
    },
    close: () => rpc.close(),
  };
}

async function streamed(rpc: Rpc, question: Question, times: number): Promise<Streamed[]> {
  const stream = rpc.stream('ModelStreamInfer');
  const replies: Streamed[] = [];
  stream.on('data', (reply: Streamed) => replies.push(reply));
  const ended = once(stream, 'end');
  for (let index = 0; index < times; index++) stream.write(messageOf(question, String(index)));
  stream.end();
  await ended;
  return replies;
}

function inOrder(
  { error_message: error, infer_response: reply }: Streamed,
  index: number,
  question: Question,
): Told {
  if (error !== '') throw new Refused(2, error);
  if (reply?.id !== String(index)) throw new Error(`answer ${index} of a stream has the id '${reply?.id}'`);
  return read(reply, question);
}

function messageOf({ model, version = '', input }: Question, id: string): InferMessage {
  const { name, datatype, shape } = input;
  return {
    model_name: model,
    model_version: version,
    id,
    inputs: [{ name, datatype, shape }],
    raw_input_contents: [toBytes(input)],
  };
}

function read(reply: InferReply, { model, output }: Question): Told {
  const [only] = reply.outputs;
  const [bytes] = reply.raw_output_contents;
  if (reply.model_name !== model || only?.name !== output.name || bytes === undefined)
    throw new Error(`the answer is of another model or output: ${JSON.stringify(reply).slice(0, 300)}`);
  return {
    version: reply.model_version,
    shape: only.shape.map(Number),
    data: fromBytes(output.datatype, bytes),
  };
}

/** A call whose status is another than OK was refused. */
export async function refusedBy<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error: unknown) {
    const { code, details } = error as Partial<ServiceError>;
    throw typeof code === 'number' ? new Refused(code, details ?? '') : error;
  }
}
