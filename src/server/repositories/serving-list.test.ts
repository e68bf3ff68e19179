import assert from 'node:assert/strict';
import test from 'node:test';
import { noteText } from './note.ts';
import { servingList } from './serving-list.ts';

const text = `# Two teams share this server.
model_config_list: {
  config: {
    name: "rank",
    base_path: "/models/rank",
    model_platform: "tensorflow",
    model_version_policy: { specific: { versions: 42, versions: 43 } }
    version_labels: { key: 'stable' value: 42 }
    logging_config { sampling_config { sampling_rate: 0.1 } }
  },
  config: { name: "sort", base_path: "sort", model_version_policy { all {} } },
  config: { name: "seen", base_path: "seen" model_type: TENSORFLOW }
}`;

test('a list of models is read, each with its policy, labels and notes', () => {
  const models = servingList('models.config', text);
  assert.ok(models.ok);
  const [rank, sort, seen] = models.value;
  assert.ok(rank !== undefined && !('problem' in rank) && seen !== undefined && !('problem' in seen));
  const { notes, ...said } = rank;
  assert.deepEqual(said, {
    name: 'rank',
    basePath: '/models/rank',
    policy: { specific: ['42', '43'] },
    labels: [{ label: 'stable', version: '42', at: 'models.config:8' }],
    at: 'models.config:3',
  });
  assert.deepEqual(notes.map(noteText), [
    'model_platform "tensorflow" (models.config:6): what lies in the folder decides what serves it',
    'logging_config.sampling_config.sampling_rate 0.1 (models.config:9): requests and answers are not logged',
  ]);
  assert.deepEqual(sort, {
    name: 'sort',
    basePath: 'sort',
    policy: { all: {} },
    labels: [],
    notes: [],
    at: 'models.config:11',
  });
  assert.equal(seen.policy, undefined);
  assert.deepEqual(
    seen.notes.map(({ field }) => field),
    ['model_type'],
  );
});

const faulty: readonly { config: string; problem: string }[] = [
  { config: 'base_path: "a"', problem: 'models.config:1: a model must have a name' },
  { config: 'name: "a"', problem: "models.config:1: the model 'a' must have a base_path" },
  {
    config: String.raw`name: "a" base_path: "a\000b"`,
    problem: "models.config:1: the base_path of the model 'a' must not hold a NUL character",
  },
  {
    config: 'name: "a" base_path: "a" model_version_policy { specific { } }',
    problem: 'models.config:1: a specific policy must name a version',
  },
];

for (const { config, problem } of faulty)
  test(`'${config}' is a model with a problem`, () => {
    const models = servingList('models.config', `model_config_list { config { ${config} } }`);
    assert.deepEqual(models, { ok: true, value: [{ name: config.startsWith('name') ? 'a' : '', problem }] });
  });

test('a name that is listed twice is one model, and a problem', () => {
  const twice = 'config { name: "a" base_path: "a" }\n'.repeat(2);
  const models = servingList('models.config', `model_config_list { ${twice} }`);
  assert.ok(models.ok);
  assert.deepEqual(models.value[1], { name: 'a', problem: "models.config:2: the model 'a' is listed twice" });
});

test('a file without a list is refused, and an empty one lists nothing', () => {
  assert.deepEqual(servingList('models.config', ''), { ok: true, value: [] });
  const fault = servingList('models.config', 'model_config_list { config { nam: "a" } }');
  assert.deepEqual(fault, {
    ok: false,
    error:
      "models.config:1:30: expected a field of tensorflow.serving.ModelConfig, 'name' perhaps, found 'nam'",
  });
  const custom = servingList('models.config', 'custom_model_config { type_url: "a/b" }');
  assert.ok(!custom.ok && custom.error.includes('custom_model_config'));
});

test('a list of thousands of models is read in one go', () => {
  const config = Array.from(
    { length: 8000 },
    (_, index) => `config { name: "m${index}" base_path: "m${index}" model_platform: "tensorflow" }\n`,
  );
  const models = servingList('models.config', `model_config_list { ${config.join('')} }`);
  assert.ok(models.ok);
  assert.equal(models.value.length, 8000);
  const last = models.value.at(-1);
  assert.deepEqual(last !== undefined && 'notes' in last && last.notes.map(({ at }) => at), [
    'models.config:8000',
  ]);
});
