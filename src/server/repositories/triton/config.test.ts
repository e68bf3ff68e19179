import assert from 'node:assert/strict';
import test from 'node:test';
import { type ModelSettings, usualSettings } from '../../models/settings.ts';
import { noteText } from '../note.ts';
import type { VersionPolicy } from '../version-policy.ts';
import { readConfig, type TritonConfig } from './config.ts';

const facts = { name: 'digits', usual: usualSettings };

function read(text: string): TritonConfig {
  const config = readConfig(text, facts);
  if (config.ok) return config.value;
  return assert.fail(config.error.join('\n'));
}

function problems(text: string): readonly string[] {
  const config = readConfig(text, facts);
  assert.ok(!config.ok, 'it was accepted');
  return config.error;
}

const BATCHED = 'max_batch_size: 16 dynamic_batching { } ';
const queue = (rows: number): ModelSettings['queue'] => ({ rows, bytes: usualSettings.queue.bytes });

const settings: readonly { says: string; text: string; gives: Partial<ModelSettings>; notes?: RegExp[] }[] = [
  { says: 'nothing', text: '', gives: {} },
  { says: 'its name only', text: 'name: "digits" backend: "onnxruntime"', gives: {} },
  {
    says: 'no max_batch_size beside an input',
    text: 'input { name: "x" data_type: TYPE_FP32 dims: 4 }',
    gives: { maxRows: 1 },
    notes: [/^max_batch_size: is not there/],
  },
  { says: 'max_batch_size 0', text: 'max_batch_size: 0', gives: { maxRows: 1 } },
  {
    says: 'max_batch_size without dynamic_batching',
    text: 'max_batch_size: 8',
    gives: { maxRows: 1 },
    notes: [/^max_batch_size 8 \(config.pbtxt:1\): without dynamic_batching/],
  },
  { says: 'dynamic batching', text: 'max_batch_size: 8 dynamic_batching { }', gives: { maxRows: 8 } },
  {
    says: 'more rows than may be',
    text: 'max_batch_size: 100000 dynamic_batching { }',
    gives: { maxRows: 4096 },
    notes: [/^max_batch_size 100000 .*: 4096 is the most here/],
  },
  {
    says: 'a delay',
    text: 'max_batch_size: 16 dynamic_batching { max_queue_delay_microseconds: 100 }',
    gives: { maxRows: 16, maxDelayMs: 0.1 },
  },
  {
    says: 'a delay without a batch',
    text: 'max_batch_size: 0 dynamic_batching { max_queue_delay_microseconds: 100 }',
    gives: { maxRows: 1 },
    notes: [/nothing waits for company/],
  },
  {
    says: 'priorities',
    text: 'max_batch_size: 16 dynamic_batching { priority_levels: 3 default_priority_level: 2 }',
    gives: { maxRows: 16, priorities: { levels: 3, usual: 2 } },
  },
  {
    says: 'a queue policy',
    text: BATCHED.replace(
      '{ }',
      '{ default_queue_policy { default_timeout_microseconds: 250000 max_queue_size: 50 } }',
    ),
    gives: { maxRows: 16, deadlineMs: 250, queue: queue(50) },
    notes: [/counts until the answer/, /counts requests in Triton, and rows here/],
  },
  {
    says: 'the queue policy of its usual priority',
    text: `max_batch_size: 16 dynamic_batching {
      priority_levels: 2 default_priority_level: 2
      default_queue_policy { default_timeout_microseconds: 1000 timeout_action: DELAY }
      priority_queue_policy { key: 2 value { default_timeout_microseconds: 2000 } }
      priority_queue_policy { key: 1 value { max_queue_size: 5 } } }`,
    gives: { maxRows: 16, priorities: { levels: 2, usual: 2 }, deadlineMs: 2 },
    notes: [
      /priority_queue_policy\[2\].default_timeout_microseconds 2000 .*: counts until the answer/,
      /default_queue_policy.default_timeout_microseconds 1000 .*: a model has one queue policy/,
      /default_queue_policy.timeout_action DELAY .*: a request that cannot be answered in time is refused/,
      /priority_queue_policy\[1\].max_queue_size 5 .*: a model has one queue policy/,
    ],
  },
  {
    says: 'that requests may not ask for less time',
    text: BATCHED.replace('{ }', '{ default_queue_policy { allow_timeout_override: false } }'),
    gives: { maxRows: 16 },
    notes: [/allow_timeout_override false .*: a request may always ask for less time/],
  },
  {
    says: 'instances on the CPU',
    text: 'instance_group [ { count: 2 kind: KIND_CPU }, { kind: KIND_CPU } ]',
    gives: { place: 'threads', instances: 3, provider: 'cpu' },
  },
  {
    says: 'instances on a GPU beside some on the CPU',
    text: 'instance_group [ { count: 4 kind: KIND_CPU }, { count: 2 kind: KIND_GPU gpus: [ 0, 1 ] } ]',
    gives: { place: 'threads', instances: 2, provider: 'cuda' },
    notes: [
      /\[0\].kind .*those on the GPU are taken/,
      /\[0\].count 4 .*none of these/,
      /\[1\].gpus 0, 1 .*which GPU/,
    ],
  },
  {
    says: 'instances that wait',
    text: 'instance_group [ { count: 4 passive: true }, { } ]',
    gives: { place: 'threads', instances: 1 },
    notes: [/\[0\].passive true/, /\[0\].count 4/],
  },
  {
    says: 'a priority among models',
    text: 'instance_group { rate_limiter { priority: 4 resources { name: "R1" count: 2 } } }',
    gives: { place: 'threads', instances: 1, share: 0.25 },
    notes: [/resources\[0\].name "R1"/, /resources\[0\].count 2/],
  },
  {
    says: 'TensorRT',
    text: `instance_group { kind: KIND_GPU } optimization { execution_accelerators {
      gpu_execution_accelerator : [ { name : "tensorrt" parameters { key: "precision_mode" value: "FP16" } } ] } }`,
    gives: { place: 'threads', instances: 1, provider: 'tensorrt' },
    notes: [/parameters\["precision_mode"\] "FP16" .*accelerators run with the options/],
  },
  {
    says: 'OpenVINO',
    text: 'optimization { execution_accelerators { cpu_execution_accelerator { name: "openvino" } } }',
    gives: { provider: 'openvino' },
  },
  {
    says: 'an accelerator of the other device',
    text: `instance_group { kind: KIND_CPU } optimization { execution_accelerators {
      gpu_execution_accelerator { name: "tensorrt" } } }`,
    gives: { place: 'threads', instances: 1, provider: 'cpu' },
    notes: [/gpu_execution_accelerator\[0\].name "tensorrt" .*other device/],
  },
  {
    says: 'threads',
    text: 'parameters { key: "intra_op_thread_count" value: { string_value: "4" } }',
    gives: { threads: 4 },
  },
  {
    says: 'that memory is not kept',
    text: 'parameters { key: "enable_mem_arena" value: { string_value: "0" } }',
    gives: { arena: false },
  },
  {
    says: 'parameters that are not known',
    text: `parameters { key: "execution_mode" value: { string_value: "1" } }
      parameters { key: "a.b[\\"" value: { string_value: "x" } }`,
    gives: {},
    notes: [/execution_mode.*one thread goes through/, /is not a parameter of this server/],
  },
  {
    says: 'much that is not done here',
    text: `metric_tags { key: "team" value: "a" } response_cache { enable: true }
      model_metrics { metric_control { metric_identifier { family: "f" } histogram_options { buckets: [1, 2] } } }
      optimization { graph { level: 1 } cuda { graphs: true } input_pinned_memory { enable: false } }
      model_repository_agents { agents { name: "checksum" } } cc_model_filenames { key: "7.5" value: "a" }`,
    gives: {},
    notes: [
      /metric_tags\["team"\] "a"/,
      /response_cache.enable true/,
      /metric_identifier.family "f"/,
      /buckets 1, 2/,
      /graph.level 1/,
      /cuda.graphs true/,
      /input_pinned_memory.enable false/,
      /agents\[0\].name "checksum"/,
      /cc_model_filenames\["7.5"\] "a"/,
    ],
  },
];

for (const { says, text, gives, notes = [] } of settings)
  test(`a configuration that says ${says} comes to its settings`, () => {
    const config = read(text);
    assert.deepEqual(config.settings, gives);
    assert.equal(config.notes.length, notes.length, config.notes.map(noteText).join('\n'));
    const lines = config.notes.map(noteText);
    for (const note of notes)
      assert.ok(
        lines.some(line => note.test(line)),
        `${note}\n${lines.join('\n')}`,
      );
  });

test('a configuration as people write them is read whole', () => {
  const {
    settings: given,
    notes,
    tensors,
    policy,
  } = read(`
# Exported on a Friday; do not touch.
name : "digits"
platform: 'onnxruntime' "_onnx"
max_batch_size : 32,
input [
  {
    name: "pixels"
    format: FORMAT_NCHW   # as the camera has it
    data_type: TYPE_FP32
    dims: [ 3, -1, -1 ]
  }
]
output <
  name: "class"; data_type: TYPE_FP32; dims: 10
  label_filename: "classes.txt"
>
version_policy: { specific { versions: [ 3, 5 ] } }
instance_group [ { count: 1, kind: KIND_GPU, gpus: [ 0 ] } ]
dynamic_batching {
  preferred_batch_size: [ 8, 16 ]
  max_queue_delay_microseconds: 2000
  default_queue_policy { timeout_action: REJECT, default_timeout_microseconds: 100000, max_queue_size: 256 }
}
parameters: { key: "intra_op_thread_count", value: { string_value: "2" } }
`);
  assert.deepEqual(given, {
    maxRows: 32,
    maxDelayMs: 2,
    deadlineMs: 100,
    queue: queue(256),
    place: 'threads',
    instances: 1,
    provider: 'cuda',
    threads: 2,
  });
  assert.deepEqual(policy, { specific: ['3', '5'] });
  assert.deepEqual(tensors, {
    inputs: [{ name: 'pixels', datatype: 'FP32', dims: [3, -1, -1] }],
    outputs: [{ name: 'class', datatype: 'FP32', dims: [10] }],
    labelFiles: { class: 'classes.txt' },
  });
  assert.deepEqual(
    notes.map(({ field, at }) => `${field} ${at}`),
    [
      'dynamic_batching.default_queue_policy.default_timeout_microseconds config.pbtxt:23',
      'dynamic_batching.default_queue_policy.max_queue_size config.pbtxt:23',
      'input[0].format config.pbtxt:9',
      'instance_group[0].gpus config.pbtxt:19',
      'dynamic_batching.preferred_batch_size config.pbtxt:21',
    ],
  );
});

test('a shape that clients would send otherwise is that of the model, and noted', () => {
  const { tensors, notes } = read(
    'max_batch_size: 0 input { name: "x" data_type: TYPE_FP32 dims: [ 3, 4 ] reshape { shape: [ 1, 3, 4 ] } }',
  );
  assert.deepEqual(tensors.inputs[0]?.dims, [1, 3, 4]);
  assert.deepEqual(
    notes.map(({ field }) => field),
    ['input[0].reshape.shape'],
  );
});

test('each setting tells the line that it comes from', () => {
  const { origins } = read(
    'max_batch_size: 4\ndynamic_batching {\n max_queue_delay_microseconds: 5000\n}\ninstance_group { }',
  );
  assert.deepEqual(origins, [
    { setting: 'maxRows', field: 'max_batch_size', at: 'config.pbtxt:1' },
    { setting: 'maxDelayMs', field: 'dynamic_batching.max_queue_delay_microseconds', at: 'config.pbtxt:3' },
    { setting: 'place', field: 'instance_group[0]', at: 'config.pbtxt:5' },
    { setting: 'instances', field: 'instance_group[0]', at: 'config.pbtxt:5' },
  ]);
});

const policies: readonly { text: string; policy: VersionPolicy | undefined }[] = [
  { text: '', policy: undefined },
  { text: 'version_policy { }', policy: undefined },
  { text: 'version_policy: { latest: { num_versions: 2 } }', policy: { latest: 2 } },
  { text: 'version_policy: { latest { } }', policy: { latest: 1 } },
  { text: 'version_policy: { all { } }', policy: { all: {} } },
  { text: 'version_policy: { specific { versions: [3, 1, 3] } }', policy: { specific: ['3', '1'] } },
];

for (const { text, policy } of policies)
  test(`the version policy '${text}' is read`, () => assert.deepEqual(read(text).policy, policy));

const refused: readonly { text: string; problem: RegExp }[] = [
  {
    text: 'max_batchsize: 1',
    problem: /^config.pbtxt:1:1: expected a field of inference.ModelConfig, 'max_batch_size' perhaps/,
  },
  {
    text: 'name: "other"',
    problem: /^config.pbtxt:1:1: name "other" is not the name of its folder, 'digits'/,
  },
  { text: 'backend: "python"', problem: /backend "python" is not onnxruntime, .*Triton serves it/ },
  { text: 'platform: "tensorflow_savedmodel"', problem: /TensorFlow Serving or Triton serve it; tf2onnx/ },
  { text: 'platform: "pytorch_libtorch"', problem: /torch.onnx.export/ },
  { text: 'platform: "ensemble" ensemble_scheduling { step { model_name: "a" } }', problem: /ensembles/ },
  { text: 'max_batch_size: -1', problem: /must not be negative/ },
  {
    text: '\nsequence_batching { direct { } control_input { name: "a" } }',
    problem: /^config.pbtxt:2:1: sequence_batching sequences/,
  },
  { text: 'model_transaction_policy { decoupled: true }', problem: /one answer to each request/ },
  { text: 'model_operations { op_library_filename: "a.so" }', problem: /custom operators/ },
  { text: 'batch_input { target_name: "a" }', problem: /no inputs are made of a batch/ },
  { text: 'batch_output { target_name: "a" }', problem: /not scattered/ },
  { text: 'dynamic_batching { priority_levels: 2 }', problem: /default_priority_level must be from 1 to 2/ },
  {
    text: 'dynamic_batching { priority_levels: 101 default_priority_level: 1 }',
    problem: /must be at most 100/,
  },
  { text: 'instance_group { count: -1 }', problem: /must not be negative/ },
  { text: 'instance_group { kind: 9 }', problem: /is no kind of instance/ },
  { text: 'instance_group { passive: true }', problem: /takes no requests/ },
  {
    text: 'optimization { execution_accelerators { gpu_execution_accelerator { name: "magic" } } }',
    problem: /name "magic" is no accelerator/,
  },
  {
    text: 'parameters { key: "intra_op_thread_count" value { string_value: "many" } }',
    problem: /must be a whole number/,
  },
  { text: 'parameters { key: "enable_mem_arena" value { string_value: "on" } }', problem: /must be 0 or 1/ },
  { text: 'default_model_filename: "../a.onnx"', problem: /must be the name of a file/ },
  { text: 'default_model_filename: "model.pt"', problem: /no ONNX file by its name/ },
  { text: 'version_policy { specific { } }', problem: /must name a version/ },
  { text: 'input { data_type: TYPE_FP32 dims: 1 }', problem: /input\[0\] must have a name/ },
  { text: 'input [{ name: "x" }, { name: "x" }]', problem: /input\[1\].name "x" is there twice/ },
  { text: 'input { name: "x" dims: -2 }', problem: /must be sizes/ },
  { text: 'input { name: "x" data_type: 99 }', problem: /is no data type/ },
  { text: 'output { name: "y" label_filename: "/etc/passwd" }', problem: /must be the name of a file/ },
  { text: 'model_warmup { batch_size: 2 }', problem: /must be 1, since max_batch_size is 0/ },
  {
    text: 'model_warmup { batch_size: 1 inputs { key: "x" value { data_type: TYPE_FP32 dims: -1 zero_data: true } } }',
    problem: /must be sizes, none of them free/,
  },
  {
    text: 'model_warmup { batch_size: 1 inputs { key: "x" value { data_type: TYPE_FP32 dims: [65536, 65536] zero_data: true } } }',
    problem: /more than 33554432 elements/,
  },
  {
    text: 'model_warmup { batch_size: 1 inputs { key: "x" value { data_type: TYPE_FP32 dims: 1 } } }',
    problem: /must say zero_data, random_data or input_data_file/,
  },
  {
    text: 'model_warmup { batch_size: 1 inputs { key: "x" value { data_type: TYPE_BF16 dims: 1 zero_data: true } } }',
    problem: /is not one of OIP\/V2/,
  },
  {
    text: 'model_warmup { batch_size: 1 inputs { key: "x" value { data_type: TYPE_FP32 dims: 1 input_data_file: "../x" } } }',
    problem: /must be the name of a file/,
  },
];

for (const { text, problem } of refused)
  test(`'${text.slice(0, 80)}' is refused`, () => {
    const found = problems(text);
    assert.equal(found.length, text.includes('platform: "ensemble"') ? 2 : 1, found.join('\n'));
    assert.match(found.join('\n'), problem);
  });

test('an entry that a later one replaces is noted', () => {
  const { notes, settings: given } = read(`
    parameters { key: "intra_op_thread_count" value { string_value: "2" } }
    parameters { key: "intra_op_thread_count" value { string_value: "3" } }`);
  assert.deepEqual(given, { threads: 3 });
  assert.deepEqual(
    notes.map(({ why }) => why),
    ['a later entry of the same key takes its place'],
  );
});

test('a key as long as the file is noted in the time that the file takes', () => {
  // Each step through the key once cost its whole length: hours, with nobody served meanwhile.
  const key = '[.'.repeat(500_000);
  const [note] = read(`metric_tags { key: "${key}" value: "b" }`).notes;
  assert.match(note?.why ?? '', /^metrics have the labels/);
  assert.ok(noteText(note ?? assert.fail()).length < 500, 'a note is as long as the key');
});
