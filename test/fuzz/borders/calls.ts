/** Messages of gRPC calls, through every method: decoded, answered, and the answer decoded as its type says. */
import assert from 'node:assert/strict';
import { AppError, asAppError } from '#base';
import { decode } from '../../../src/server/protobuf/codec.ts';
import type { Pieces, RpcPredict, RpcSession } from '../../../src/server/protocols/rpc.ts';
import { type Border, refusal } from '../border.ts';
import { messageFor } from '../make/calls.ts';
import { mutateMessage } from '../make/wire-tree.ts';
import { bytesOf, type FuzzModel, modelNamed, models } from '../models.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';
import { directory, type FuzzMethod, methods } from '../services.ts';
import { checkCount } from './bodies.ts';

const predicting = [...methods.values()].filter(({ method }) => method.kind.startsWith('predict'));

/** A head is the method's path, and the model that answers when the message names none. */
export const calls: Border = {
  name: 'calls',
  make(random) {
    const { path, types } = random.pick(random.chance(0.7) ? predicting : [...methods.values()]);
    const model = random.pick(models);
    return { head: `${path} ${model.name}`, body: messageFor(path, types, model, random) };
  },
  change(known, other, random) {
    const [path = '', model = ''] = known.head.split(' ');
    const wanted = random.chance(0.1) ? random.pick(models).name : model;
    return { head: `${path} ${wanted}`, body: changed(known.body, other.body, random) };
  },
  take({ head, body }) {
    const [path = '', model] = head.split(' ');
    const found = methods.get(path);
    assert(found !== undefined, `there is no method '${path}'`);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const words = outcome(found, modelNamed(model), body);
    return words instanceof Promise ? words.then(known => `${name} ${known}`) : `${name} ${words}`;
  },
};

export function changed(body: Buffer, other: Buffer, random: Random): Buffer {
  if (random.chance(0.7)) return mutateMessage(body, other, random);
  return mutate(body, random, { tokens: [other], other });
}

function outcome(found: FuzzMethod, model: FuzzModel, body: Buffer): string | Promise<string> {
  const { method } = found;
  try {
    if (method.kind === 'session') return talk(method, body);
    if (method.kind === 'predict') return predict(found, method, { model, body });
    if (method.kind === 'predictions') return stream(found, { model, body });
    const reply = method.reply(body, directory);
    return reply instanceof Promise ? reply.then(read(found), refusal) : read(found)(reply);
  } catch (error: unknown) {
    return refusal(error);
  }
}

const read =
  ({ types }: FuzzMethod) =>
  (pieces: Pieces): string => {
    decode(types.response, Buffer.concat(pieces));
    return 'answered';
  };

interface Asked {
  readonly model: FuzzModel;
  readonly body: Buffer;
}

function predict(found: FuzzMethod, method: RpcPredict, asked: Asked): string {
  read(found)(answerOf(method, asked));
  return `answered ${asked.model.name}`;
}

/** As a message of a stream: its faults are told in the stream. */
function stream(found: FuzzMethod, asked: Asked): string {
  assert(found.method.kind === 'predictions');
  const { method } = found;
  try {
    read(found)(method.answered(answerOf(method.predict, asked)));
    return `answered ${asked.model.name}`;
  } catch (error: unknown) {
    const words = refusal(error);
    read(found)(method.refused(asAppError(error), undefined));
    return words;
  }
}

/** What a tensor takes in memory beyond its message: elements that are not spelled out, and numbers in narrow types. */
const MOST_MORE = 5 * 1024 * 1024;
const MOST_TIMES = 16;

function answerOf(method: RpcPredict, { model, body }: Asked): Pieces {
  const { translator } = method;
  const message = method.parse(body);
  const served = modelOf(() => directory.find(method.target(message)), model);
  const { request, form } = translator.decode(message, served);
  const size = bytesOf(request.inputs);
  assert(size <= MOST_MORE + MOST_TIMES * body.length, `${body.length} bytes became tensors of ${size}`);
  for (const { shape, data } of request.inputs) checkCount(shape, data.length);
  return translator.answer(form, { model: served, outputs: served.run(request), seconds: 0 });
}

/** Another model answers where the message names none, so that more of it is looked at. */
function modelOf(find: () => FuzzModel, otherwise: FuzzModel): FuzzModel {
  try {
    return find();
  } catch (error: unknown) {
    if (error instanceof AppError && error.code.endsWith('_unknown')) return otherwise;
    throw error;
  }
}

function talk(method: RpcSession, body: Buffer): string {
  let said = 0;
  const receiver = method.open({ send: () => void said++, end: () => undefined }, directory);
  try {
    receiver.message(body);
    receiver.ended();
    return `said ${said}`;
  } finally {
    receiver.closed();
  }
}
