import assert from 'node:assert/strict';
import test from 'node:test';
import { usualSettings } from '../../models/settings.ts';
import { needsHeader, readConfig, type TritonConfig } from './config.ts';

function read(text: string, more = {}): TritonConfig {
  const config = readConfig(text, { name: 'digits', usual: usualSettings, ...more });
  if (config.ok) return config.value;
  return assert.fail(config.error.join('\n'));
}

test('warm-up samples have the batch in front, and what they are made of', () => {
  const text = `max_batch_size: 8 dynamic_batching { }
    model_warmup [
      { name: "zeros" batch_size: 4 count: 3
        inputs { key: "x" value { data_type: TYPE_FP32 dims: [2, 3] zero_data: true } } },
      { batch_size: 4
        inputs { key: "x" value { data_type: TYPE_STRING dims: 1 random_data: true } }
        inputs { key: "y" value { data_type: TYPE_INT64 dims: [] input_data_file: "y.raw" } } },
      { batch_size: 0 inputs { key: "x" value { dims: 1 } } }
    ]`;
  const { warmup, notes } = read(text);
  assert.deepEqual(warmup, [
    { name: 'zeros', count: 3, inputs: [{ name: 'x', datatype: 'FP32', shape: [4, 2, 3], data: 'zero' }] },
    {
      name: 'model_warmup[1]',
      count: 1,
      inputs: [
        { name: 'x', datatype: 'BYTES', shape: [1, 1], data: 'zero' },
        { name: 'y', datatype: 'INT64', shape: [1], data: { file: 'y.raw' } },
      ],
    },
  ]);
  assert.deepEqual(
    notes.map(({ field }) => field),
    ['model_warmup[1].batch_size', 'model_warmup[2]'],
  );
});

test('whether a sample has a batch is the matter of the model where the configuration does not say', () => {
  const text =
    'model_warmup { batch_size: 2 inputs { key: "x" value { data_type: TYPE_FP32 dims: 3 random_data: true } } }';
  assert.ok(needsHeader(text));
  assert.ok(!needsHeader(`max_batch_size: 4 ${text}`));
  assert.ok(!needsHeader('name: "digits"'));
  const { warmup } = read(text, { freeRows: true });
  assert.deepEqual(warmup[0]?.inputs[0], { name: 'x', datatype: 'FP32', shape: [2, 3], data: 'random' });
});
