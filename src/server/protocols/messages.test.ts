/** What clients send comes back in messages, and goes into the log: a little of it, whatever they send. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError, asAppError } from '#base';
import { Directory } from '../models/directory.ts';
import type { ServedModel } from '../models/signature.ts';
import type { TensorSpec } from '../tensors/tensor.ts';
import { ask, textOf } from './fixtures/ask.ts';
import { v2Protocol } from './fixtures/v2-options.ts';
import type { Protocol } from './port.ts';
import { predict } from './predict.ts';
import { tfserving } from './tfserving/routes.ts';

const spec: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 2] };
const model: ServedModel = {
  name: 'm',
  version: '1',
  platform: 'test',
  signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }], batched: true },
};
const models = new Directory<ServedModel>([model]);
models.serve(model);

const protocols = {
  '/predict': predict,
  '/v1/models/m:predict': tfserving,
  '/v2/models/m/infer': v2Protocol(),
} as const;

/** The error that a body ends in, and its answer. */
function refusal(protocol: Protocol, path: string, body: string): { error: AppError; answer: string } {
  try {
    ask(protocol, path, { body, model });
  } catch (thrown: unknown) {
    const error = asAppError(thrown);
    return { error, answer: textOf(protocol.error(error)) };
  }
  return assert.fail('it was not refused');
}

const long = 'é'.repeat(200_000);
const input = (members: string): string => `{"inputs": [{${members}}]}`;
const typed = '"datatype": "FP32", "shape": [1, 2]';
const longBodies: readonly { name: string; path: keyof typeof protocols; body: string; says: RegExp }[] = [
  { name: 'equal names', path: '/predict', body: `{"${long}": 1, "${long}": 1}`, says: /é…" is there twice/ },
  { name: 'an unknown input', path: '/predict', body: `{"inputs": {"${long}": 1}}`, says: /é…'/ },
  { name: 'a wrong element', path: '/predict', body: `{"inputs": [["${long}"]]}`, says: /element \[0,0\]/ },
  {
    name: 'an unknown input in a row',
    path: '/v1/models/m:predict',
    body: `{"instances": [{"${long}": 1}]}`,
    says: /é…'/,
  },
  {
    name: 'an unknown signature',
    path: '/v1/models/m:predict',
    body: `{"signature_name": "${long}"}`,
    says: /é…"/,
  },
  {
    name: 'an unknown input',
    path: '/v2/models/m/infer',
    body: input(`"name": "${long}", ${typed}, "data": [1, 2]`),
    says: /é…'/,
  },
  {
    name: 'an unknown input with too few elements',
    path: '/v2/models/m/infer',
    body: input(`"name": "${long}", ${typed}, "data": [1]`),
    says: /é…' has 1 elements/,
  },
  {
    name: 'an unknown input with a wrong element',
    path: '/v2/models/m/infer',
    body: input(`"name": "${long}", ${typed}, "data": [1, "a"]`),
    says: /é…' wants/,
  },
  {
    name: 'an unknown input without data',
    path: '/v2/models/m/infer',
    body: input(`"name": "${long}", ${typed}`),
    says: /é…'\)/,
  },
  {
    name: 'an unknown input with bare data',
    path: '/v2/models/m/infer',
    body: input(`"name": "${long}", ${typed}, "data": 1`),
    says: /é…' must be a list/,
  },
  {
    name: 'an unknown datatype',
    path: '/v2/models/m/infer',
    body: input(`"name": "x", "datatype": "${long}"`),
    says: /unknown datatype "é+…/,
  },
  {
    name: 'a datatype that is a long list',
    path: '/v2/models/m/infer',
    body: input(`"name": "x", "datatype": [${'1,'.repeat(200_000)}1]`),
    says: /unknown datatype \[1,1/,
  },
  {
    name: 'a shape of too many dimensions',
    path: '/v2/models/m/infer',
    body: input(`"name": "x", "shape": [${'1,'.repeat(200_000)}1]`),
    says: /has more than 100 dimensions/,
  },
  {
    name: 'a size that is a long text',
    path: '/v2/models/m/infer',
    body: input(`"name": "x", "shape": ["${long}"]`),
    says: /list of sizes.*é…/,
  },
  {
    name: 'a parameter that is a list',
    path: '/v2/models/m/infer',
    body: `{"parameters": {"${long}": []}}`,
    says: /é…' must be/,
  },
  {
    name: 'a reserved parameter',
    path: '/v2/models/m/infer',
    body: `{"parameters": {"triton_${long}": 1}}`,
    says: /é…' uses a reserved prefix/,
  },
  {
    name: 'an unknown output',
    path: '/v2/models/m/infer',
    body: `{"outputs": [{"name": "${long}"}]}`,
    says: /é…'/,
  },
];
for (const { name, path, body, says } of longBodies) {
  test(`${name} of 200,000 letters on ${path} comes back shortened`, () => {
    const { error, answer } = refusal(protocols[path], path, body);
    assert.match(error.message, says);
    assert(error.message.length < 500, `${error.message.length} characters`);
    assert(answer.length < 1000, `${answer.length} characters`);
  });
}

const longPaths = [
  `/models/${long}%zz/predict`,
  `/v1/models/${long}`,
  `/v1/models/${long}:predict`,
  `/v1/models/m/versions/${'1'.repeat(200_000)}`,
  `/v1/models/m/labels/${long}:predict`,
  `/v2/models/${long}`,
  `/v2/models/m/versions/${long}/infer`,
  `/v2/${long}`,
];
for (const path of longPaths) {
  test(`the answer to ${path.replace(/(..)\1{50,}/, '$1…')} is short`, () => {
    const protocol = Object.values(protocols).find(one => one.owns(path));
    assert(protocol !== undefined);
    assert(answerTo(protocol, path).length < 500);
  });
}

function answerTo(protocol: Protocol, path: string): string {
  try {
    const { GET, POST } = protocol.route(path);
    const action = GET ?? POST;
    if (action?.kind === 'answer') return textOf(action.reply(models));
    if (action?.kind === 'predict') models.find(action.target);
    return '';
  } catch (error: unknown) {
    assert(error instanceof AppError);
    return textOf(protocol.error(error));
  }
}
