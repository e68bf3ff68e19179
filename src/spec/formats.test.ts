import assert from 'node:assert/strict';
import test from 'node:test';
import { formatOf, modelFilesOf } from './formats.ts';

const names: readonly (readonly [name: string, format: string | undefined])[] = [
  ['model.onnx', 'onnx'],
  ['model.pt', 'torch'],
  ['model.PTH', 'torch'],
  ['model.v2.pt2', 'torch'],
  ['a.safetensors', 'safetensors'],
  ['a.pkl', 'joblib'],
  ['a.joblib', 'joblib'],
  ['a.skops', 'skops'],
  ['a.ubj', 'xgboost'],
  ['a.py', undefined],
  ['onnx', undefined],
  ['.onnx', undefined],
  ['', undefined],
];

for (const [name, format] of names)
  test(`the format of '${name}' is ${format ?? 'none'}`, () => assert.equal(formatOf(name), format));

test('beside a model of ONNX, files of other formats belong to it', () => {
  assert.deepEqual(modelFilesOf(['scaler.pkl', 'model.onnx', 'readme.md']), ['model.onnx']);
  assert.deepEqual(modelFilesOf(['a.pt', 'b.skops', '.hidden.pt', 'model.py']), ['a.pt', 'b.skops']);
});
