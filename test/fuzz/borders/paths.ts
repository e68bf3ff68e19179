/** Paths, methods and headers of HTTP, as far as they can be looked at without a socket. */
import assert from 'node:assert/strict';
import { failure } from '#base';
import { faultOf, pathOf } from '../../../src/base/http-head.ts';
import { operations } from '../../../src/server/protocols/operations.ts';
import type { Action, Content, Reply } from '../../../src/server/protocols/port.ts';
import { predict } from '../../../src/server/protocols/predict.ts';
import { tfserving } from '../../../src/server/protocols/tfserving/routes.ts';
import { v2 } from '../../../src/server/protocols/v2/routes.ts';
import { requestIds } from '../../../src/server/request-ids.ts';
import { type Border, refusal } from '../border.ts';
import { PATHS, REPOSITORY_BODIES } from '../make/paths.ts';
import { lines } from '../make/words.ts';
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

const HEADERS = lines(`
  Host: x
  Host: [::1]:80
  Host:
  Transfer-Encoding: chunked
  Transfer-Encoding: gzip, chunked
  x-request-id: abc
  traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
  Content-Length: 1`);

/** A head is the first line of a request; the body is its headers, a line each. */
export const heads: Border = {
  name: 'heads',
  make: random => ({
    head: `${random.pick(['GET', 'OPTIONS'])} ${random.pick([...PATHS, '*', 'http://a/b'])} ${random.pick(['1.1', '1.0', '2.0'])}`,
    body: Buffer.from(random.list(random.below(6), () => random.pick(HEADERS)).join('\n')),
  }),
  change: (known, other, random) => ({
    head: random.chance(0.2) ? other.head : known.head,
    body: mutate(known.body, random, {
      tokens: HEADERS.map(line => Buffer.from(`\n${line}`)),
      other: other.body,
    }),
  }),
  take({ head, body }) {
    const [method, url, httpVersion = ''] = head.split(' ');
    const given = body
      .toString('latin1')
      .split('\n')
      .map(line => line.split(/: ?(.*)/s));
    const rawHeaders = given.flatMap(([name = '', value = '']) => [name, value]);
    const fields = Object.fromEntries(given.map(([name = '', value = '']) => [name.toLowerCase(), value]));
    const { requestId } = requestIds(fields, () => 'fresh');
    assert(/^[\x21-\x7e]{1,128}$/.test(requestId), 'an id goes back in a header');
    const fault = faultOf({ httpVersion, method, url, rawHeaders });
    return fault === undefined ? 'in order' : refusal(fault);
  },
};
