import assert from 'node:assert/strict';
import test from 'node:test';
import { effective, type PythonLoader, strayField } from './python-fields.ts';
import type { PythonOptions } from './python-schema.ts';

const all: PythonOptions = {
  interpreter: 'python3',
  class: 'm:M',
  trusted: ['a.B'],
  device: 'cuda',
  allowUnsafeFormats: true,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
};

const effects: Readonly<Record<PythonLoader, readonly string[]>> = {
  class: ['class'],
  torch: ['device', 'allowUnsafeFormats'],
  safetensors: ['class', 'device'],
  savedmodel: [],
  keras: ['allowUnsafeFormats'],
  skops: ['trusted', 'allowUnsafeFormats'],
  joblib: ['allowUnsafeFormats'],
  xgboost: [],
  lightgbm: [],
};

for (const [loader, fields] of Object.entries(effects) as [PythonLoader, readonly string[]][])
  test(`of what is for some models only, a model of ${loader} takes ${fields.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      Object.keys(effective(all, loader)).toSorted(),
      ['inputs', 'interpreter', ...fields].toSorted(),
    );
  });

test('a field is stray where it has an effect on no model', () => {
  assert.equal(strayField(all, ['class', 'skops', 'torch']), undefined);
  assert.equal(strayField(all, ['class', 'torch']), 'trusted');
  assert.equal(strayField({ interpreter: 'python3' }, []), 'interpreter');
  assert.equal(strayField({ device: undefined }, ['xgboost']), undefined);
});
