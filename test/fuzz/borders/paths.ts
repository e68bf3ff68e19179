/** Paths of HTTP and what is posted there, as far as they can be followed without a socket. */
import assert from 'node:assert/strict';
import { failure } from '#base';
import { faultOf, pathOf } from '../../../src/net/http-head.ts';
import { operations } from '../../../src/server/protocols/operations.ts';
import type { Action, Content, Reply } from '../../../src/server/protocols/port.ts';
import { predict } from '../../../src/server/protocols/predict.ts';
import { tfserving } from '../../../src/server/protocols/tfserving/routes.ts';
import { v2 } from '../../../src/server/protocols/v2/routes.ts';
import { type Border, refusal } from '../border.ts';
import { PATHS, REPOSITORY_BODIES } from '../make/paths.ts';
import { type FuzzModel, modelNamed, models } from '../models.ts';
import { mutate } from '../mutate.ts';
import { directory, v2Options } from '../services.ts';
import { taken } from './bodies.ts';

const protocols = [
  predict,
  tfserving,
  v2(v2Options),
  operations({ metricsText: () => '', draining: () => false }),
];

const tokens = [...PATHS, ...REPOSITORY_BODIES, '/', '%', '%2f', '%00', '%ff', '?', ':', '..', '#'].map(
  text => Buffer.from(text),
);

/** A head is the method; the body is the target, and behind a line break what is posted there. */
export const paths: Border = {
  name: 'paths',
  make: random => ({
    head: random.pick(['GET', 'POST', 'POST', 'HEAD', 'PUT']),
    body: Buffer.from(`${random.pick(PATHS)}\n${random.pick(REPOSITORY_BODIES)}`),
  }),
  change: (known, other, random) => ({
    head: random.chance(0.1) ? random.pick(['GET', 'POST']) : known.head,
    body: mutate(known.body, random, { tokens, other: other.body }),
  }),
  take({ head: method, body }) {
    const end = body.includes('\n') ? body.indexOf('\n') : body.length;
    const url = body.toString('latin1', 0, end);
    const fault = faultOf({ httpVersion: '1.1', method, url, rawHeaders: ['Host', url] });
    if (fault !== undefined) refusal(fault);
    return route(pathOf(url).replace(/\?.*$/s, ''), method, { bytes: body.subarray(end + 1), headers: {} });
  },
};

function route(path: string, method: string, content: Content): string | Promise<string> {
  const protocol = protocols.find(one => one.owns(path));
  if (protocol === undefined) return 'nobody owns it';
  const worded = (error: unknown): string => {
    const [words] = refusal(error).split(' ');
    checkReply(protocol.error(error as Parameters<typeof protocol.error>[0]));
    return `${protocol.name} ${words}`;
  };
  try {
    const action = protocol.route(path)[method === 'POST' ? 'POST' : 'GET'];
    if (action === undefined) throw failure('method_not_allowed', { method, path, allow: '' });
    const done = act(action, content);
    if (done instanceof Promise) return done.then(words => `${protocol.name} ${words}`, worded);
    return `${protocol.name} ${done}`;
  } catch (error: unknown) {
    return worded(error);
  }
}

function act(action: Action, content: Content): string | Promise<string> {
  if (action.kind === 'answer') return checkReply(action.reply(directory));
  if (action.kind === 'predict') {
    const { translator, target } = action;
    return `${translator.name} ${taken(translator, modelOf(target), content)}`;
  }
  const reply = action.reply(content);
  return reply instanceof Promise ? reply.then(checkReply) : checkReply(reply);
}

/** Throws when there is no such model. */
function modelOf(target: Parameters<typeof directory.find>[0]): FuzzModel {
  return modelNamed(directory.find({ name: models[0]?.name ?? '', ...target }).name);
}

function checkReply({ status, body, type }: Reply): string {
  assert(status >= 200 && (status < 500 || [501, 503].includes(status)), `it was answered ${status}`);
  if (type === 'application/json' && body.length > 0) JSON.parse(String(body));
  return String(status);
}
