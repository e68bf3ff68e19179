import assert from 'node:assert/strict';
import test from 'node:test';
import { usualSettings } from '../models/settings.ts';
import { explainJson, explainModels } from './explain.ts';
import type { ScannedModel } from './model.ts';

const settings = { maxRows: 16, maxDelayMs: 0.5, threads: usualSettings.threads };
const version = (
  number: string,
): { name: string; version: string; path: string; settings: typeof settings } => ({
  name: 'digits',
  version: number,
  path: `/models/digits/${number}/model.onnx`,
  settings,
});

const found: readonly ScannedModel[] = [
  {
    name: 'digits',
    versions: [version('2'), version('10')],
    labels: [
      { name: 'digits', label: 'stable', version: '2' },
      { name: 'digits', label: 'canary', version: '10' },
    ],
    left: [{ version: '1', why: "the policy is 'the latest 2'" }],
    policy: { latest: 2 },
    origins: [
      { setting: 'maxRows', field: 'max_batch_size', at: 'config.pbtxt:2' },
      { setting: 'maxDelayMs', field: 'dynamic_batching.max_queue_delay_microseconds', at: 'config.pbtxt:4' },
      { setting: 'threads', field: 'parameters["intra_op_thread_count"].string_value', at: 'config.pbtxt:9' },
    ],
    notes: [{ field: 'runtime', value: '"a.so"', why: 'it is not chosen', at: 'config.pbtxt:7' }],
  },
  {
    name: 'faces',
    versions: [{ name: 'faces', version: '0a1b2c3d', path: '/models/faces.onnx' }],
    labels: [],
    left: [],
    policy: undefined,
    origins: [],
    notes: [],
  },
  { name: 'broken', problem: 'config.pbtxt:1:1: expected a field of inference.ModelConfig' },
];

test('models are explained as a table that people read', () => {
  assert.equal(
    explainModels(found, usualSettings),
    `digits: 2 of 3 versions served, by the policy 'the latest 2'
  VERSION              LABELS
  2        served      stable  /models/digits/2/model.onnx
  10       served      canary  /models/digits/10/model.onnx
  1        not served          the policy is 'the latest 2'
  SETTING     HERE  USUALLY  FROM
  maxRows     16    64       max_batch_size (config.pbtxt:2)
  maxDelayMs  0.5   0        dynamic_batching.max_queue_delay_microseconds (config.pbtxt:4)
  ! runtime "a.so" (config.pbtxt:7): it is not chosen

faces: one version, without a number
  VERSION           LABELS
  0a1b2c3d  served          /models/faces.onnx

broken: cannot be served
  config.pbtxt:1:1: expected a field of inference.ModelConfig
`,
  );
  assert.equal(explainModels([], usualSettings), 'no models\n');
});

test('models are explained as JSON that programs read', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(explainJson(found, usualSettings))), {
    models: [
      {
        name: 'digits',
        policy: 'the latest 2',
        versions: [
          { version: '2', served: true, path: '/models/digits/2/model.onnx' },
          { version: '10', served: true, path: '/models/digits/10/model.onnx' },
          { version: '1', served: false, why: "the policy is 'the latest 2'" },
        ],
        labels: { stable: '2', canary: '10' },
        settings: [
          { setting: 'maxRows', value: 16, usually: 64, from: 'max_batch_size (config.pbtxt:2)' },
          {
            setting: 'maxDelayMs',
            value: 0.5,
            usually: 0,
            from: 'dynamic_batching.max_queue_delay_microseconds (config.pbtxt:4)',
          },
        ],
        notes: [{ field: 'runtime', value: '"a.so"', why: 'it is not chosen', at: 'config.pbtxt:7' }],
      },
      {
        name: 'faces',
        policy: null,
        versions: [{ version: '0a1b2c3d', served: true, path: '/models/faces.onnx' }],
        labels: {},
        settings: [],
        notes: [],
      },
      { name: 'broken', problem: 'config.pbtxt:1:1: expected a field of inference.ModelConfig' },
    ],
  });
});

test('what a repository says cannot move the cursor of a terminal', () => {
  const text = explainModels([{ name: 'a\u001b[2J\n', problem: 'b\u0007' }], usualSettings);
  assert.equal(text, 'a\\u001b[2J\\n: cannot be served\n  b\\u0007\n');
});
