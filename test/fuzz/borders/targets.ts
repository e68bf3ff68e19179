/** Which model a gateway takes a gRPC message to mean, beside the server that decodes it: never another one. */
import assert from 'node:assert/strict';
import { rpcTargetOf } from '../../../src/local/rpc/target.ts';
import type { RpcMethod } from '../../../src/server/protocols/rpc.ts';
import { type Border, refusal } from '../border.ts';
import { messageFor } from '../make/calls.ts';
import { models } from '../models.ts';
import { methods } from '../services.ts';
import { changed } from './calls.ts';

/** A head is the method's path. */
export const targets: Border = {
  name: 'targets',
  make(random) {
    const { path, types } = random.pick([...methods.values()]);
    return { head: path, body: messageFor(path, types, random.pick(models), random) };
  },
  change: (known, other, random) => ({ head: known.head, body: changed(known.body, other.body, random) }),
  take({ head, body }) {
    const { model, version } = rpcTargetOf(head, body);
    const meant = meantBy(methods.get(head)?.method, body);
    const isAnother = model !== undefined && meant !== undefined && model !== meant;
    assert(!isAnother, `the gateway takes it for '${model}', and the server for '${meant}'`);
    const found = `${model === undefined ? 'no model' : 'a model'}, ${version === undefined ? 'no version' : 'a version'}`;
    return `${head} ${found}${meant === undefined ? '' : ', meant'}`;
  },
};

/** The server's own reading; undefined where it refuses the message, or the message names no model. */
function meantBy(method: RpcMethod | undefined, body: Buffer): string | undefined {
  if (method?.kind !== 'predict' && method?.kind !== 'predictions') return undefined;
  const predict = method.kind === 'predict' ? method : method.predict;
  try {
    return predict.target(predict.parse(body)).name;
  } catch (error: unknown) {
    refusal(error);
    return undefined;
  }
}
