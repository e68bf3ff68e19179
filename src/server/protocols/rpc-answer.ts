/** Methods of one question and one answer, from a service's table. */
import { decode, encodePieces } from '../protobuf/codec.ts';
import type { Decoded, Encodable, MessageType } from '../protobuf/schema.ts';
import type { Method } from '../protobuf/service.ts';
import type { Models } from './port.ts';
import type { RpcAnswer } from './rpc.ts';

export function answering<Q extends MessageType, A extends MessageType>(
  { request, response }: Method<Q, A>,
  answer: (request: Decoded<Q>, models: Models) => Encodable<A> | Promise<Encodable<A>>,
): RpcAnswer {
  return {
    kind: 'answer',
    reply(message, models) {
      const answered = answer(decode(request, message), models);
      if (answered instanceof Promise) return answered.then(value => encodePieces(response, value));
      return encodePieces(response, answered);
    },
  };
}
