import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { identityFromPath, isVersion } from './identity.ts';

const identities: readonly { path: string; name: string; version?: string }[] = [
  { path: 'digits.onnx', name: 'digits' },
  { path: '/models/digits.onnx', name: 'digits' },
  { path: '/models/digits/3/model.onnx', name: 'digits', version: '3' },
  { path: '/models/digits/3/digits-v3.onnx', name: 'digits', version: '3' },
  { path: '/models/digits/3', name: 'digits', version: '3' },
  { path: '/models/digits/3/', name: 'digits', version: '3' },
  { path: '/models/digits/', name: 'digits' },
  { path: '/models/digits/model.onnx', name: 'digits' },
  { path: './digits/./3/model.onnx', name: 'digits', version: '3' },
  { path: '/models/digits/03/model.onnx', name: '03' },
  { path: '/models/digits/v3/model.onnx', name: 'v3' },
  { path: '/models/my digits (new).onnx', name: 'my-digits--new' },
  { path: '/models/_digits_.onnx', name: 'digits' },
  { path: '/models/数字.onnx', name: 'model' },
  { path: 'model.onnx', name: 'model' },
  { path: '/3/model.onnx', name: 'model', version: '3' },
  { path: '3/classifier.onnx', name: 'classifier', version: '3' },
  { path: '3', name: 'model', version: '3' },
  { path: '.onnx', name: 'model' },
  { path: '..', name: 'model' },
  { path: '', name: 'model' },
  { path: `${'a'.repeat(62)}-b.onnx`, name: 'a'.repeat(62) },
];

for (const { path, ...identity } of identities) {
  const { name, version = 'unknown' } = identity;
  test(`'${path.slice(0, 40)}' is version ${version} of ${name}`, () =>
    assert.deepEqual(identityFromPath(path), identity));
}

test('the name of any path is one that a service file accepts', () => {
  const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom('a', '-', '_', '.onnx', '7', 'x'.repeat(63))));
  fc.assert(
    fc.property(parts, pieces => {
      assert.match(identityFromPath(pieces.join('')).name, /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/);
    }),
  );
});

test('a version is a number as folders have it: no sign, no leading zero, at most 19 digits', () => {
  for (const name of ['0', '1', '10', '9223372036854775807']) assert.ok(isVersion(name), name);
  for (const name of ['', '01', '-1', '+1', '1.0', 'v1', '1 ', '10000000000000000000', undefined])
    assert.ok(!isVersion(name), name);
});
