/** How the command line and the environment name a model, and how much a server says. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { root, run, running } from './programs/fairlead.ts';

const digits = join(root, 'examples', 'digits');
const model = join(digits, 'models', 'digits', '1', 'model.onnx');

const served: readonly {
  name: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  as: string;
}[] = [
  { name: 'NAME=PATH', args: [`mine=${model}`], as: 'mine' },
  { name: 'a file URI', args: [pathToFileURL(model).href], as: 'digits' },
  {
    name: 'an argument, whatever MODEL_PATH and an empty MODEL_NAME say',
    args: [model],
    env: { MODEL_PATH: 'nope', MODEL_NAME: '', MODEL_VERSION: '', LOG_LEVEL: '' },
    as: 'digits',
  },
];

for (const { name, args, env, as } of served) {
  test(`serve takes ${name}`, async t => {
    const { url } = await running(t, ['serve', ...args], env);
    assert.equal((await fetch(`${url}/v2/models/${as}`)).status, 200);
  });
}

test('up takes the file URI of a service file, of its folder and of a model', async t => {
  for (const path of [join(digits, 'fairlead.yaml'), digits, model]) {
    const { url } = await running(t, ['up', pathToFileURL(path).href]);
    assert.equal((await fetch(`${url}/health`)).status, 200);
  }
});

const refused: readonly {
  name: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  says: RegExp;
}[] = [
  { name: 'an empty MODEL_PATH', args: ['serve'], env: { MODEL_PATH: '' }, says: /no model is named/ },
  { name: 'an empty argument', args: ['serve', ''], says: /no model is named/ },
  { name: 'a name that is too long', args: ['serve', `${'n'.repeat(64)}=${model}`], says: /--name must be/ },
  {
    name: 'up of a scheme that nobody knows',
    args: ['up', 'ftp://host/m'],
    says: /the scheme 'ftp' is not known/,
  },
  {
    name: 'a level that nobody knows',
    args: ['serve', model],
    env: { LOG_LEVEL: 'loud' },
    says: /LOG_LEVEL.*Allowed choices are debug, info, warn, error/,
  },
];

for (const { name, args, env, says } of refused) {
  test(`${name} is refused with 2`, async () => {
    const ended = await run(args, env);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, says);
  });
}

for (const [level, isTalkative] of Object.entries({
  INFO: true,
  Debug: true,
  WARNING: false,
  critical: false,
})) {
  test(`LOG_LEVEL=${level}, as Python's servers take it, is understood`, async t => {
    const { stderr } = await running(t, ['serve', model], { LOG_LEVEL: level });
    assert.equal(stderr().includes('model ready'), isTalkative);
  });
}
