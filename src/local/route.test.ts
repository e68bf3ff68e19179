import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eligible, targetOf } from './route.ts';

const digits1 = { name: 'stable', models: [{ name: 'digits', version: '1' }] };
const digits2 = { name: 'candidate', models: [{ name: 'digits', version: '2' }] };
const other = {
  name: 'other',
  models: [
    { name: 'letters', version: '1' },
    { name: 'words', version: '7' },
  ],
};

const targets = [
  { path: '/predict', target: {} },
  { path: '/v1/models/digits:predict', target: { model: 'digits' } },
  { path: '/v1/models/digits', target: { model: 'digits' } },
  { path: '/v1/models/digits/metadata', target: { model: 'digits' } },
  { path: '/v1/models/digits/versions/2:predict', target: { model: 'digits', version: '2' } },
  { path: '/v1/models/digits/versions/2', target: { model: 'digits', version: '2' } },
  { path: '/v1/models/digits/versions/2/metadata?x=/v2', target: { model: 'digits', version: '2' } },
  { path: '/v1/models/digits/labels/canary:predict', target: { model: 'digits' } },
  { path: '/v2/models/digits/infer', target: { model: 'digits' } },
  { path: '/v2/models/digits/versions/1.5/infer', target: { model: 'digits', version: '1.5' } },
  { path: '/v2/models/digits/versions/2', target: { model: 'digits', version: '2' } },
  { path: '/v2/models/my%20model/versions/a%2Fb/ready', target: { model: 'my model', version: 'a/b' } },
  { path: '/v2/models/%zz/versions/2/infer', target: { version: '2' } },
  { path: '/v2/models/digits/versions/', target: { model: 'digits' } },
  { path: '/v2/models', target: {} },
  { path: '/v3/models/digits/versions/2', target: {} },
  { path: '/models/digits/predict', target: { model: 'digits' } },
];

for (const { path, target } of targets) {
  test(`${path} names ${JSON.stringify(target)}`, () => assert.deepEqual(targetOf(path), target));
}

const choices = [
  { name: 'a path that names nothing goes by weight', target: {}, to: ['stable', 'candidate', 'other'] },
  {
    name: 'a model name narrows to who serves it',
    target: { model: 'digits' },
    to: ['stable', 'candidate'],
  },
  {
    name: 'a version pins to who serves it',
    target: { model: 'digits', version: '2' },
    to: ['candidate'],
    pinned: true,
  },
  {
    name: 'an unknown version goes by weight among those who know the model',
    target: { model: 'digits', version: '9' },
    to: ['stable', 'candidate'],
  },
  {
    name: 'an unknown model goes by weight',
    target: { model: 'nothing', version: '1' },
    to: ['stable', 'candidate', 'other'],
  },
  {
    name: 'the same version of another model is not meant',
    target: { model: 'letters', version: '1' },
    to: ['other'],
    pinned: true,
  },
  {
    name: 'nor that of another model of the same arm',
    target: { model: 'letters', version: '7' },
    to: ['other'],
  },
  { name: 'each model of an arm is reached', target: { model: 'words' }, to: ['other'] },
];

for (const { name, target, to, pinned = false } of choices) {
  test(name, () => {
    const found = eligible([digits1, digits2, other], target);
    assert.deepEqual(
      found.arms.map(arm => arm.name),
      to,
    );
    assert.equal(found.pinned, pinned);
  });
}
