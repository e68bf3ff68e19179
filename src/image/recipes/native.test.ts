import assert from 'node:assert/strict';
import test from 'node:test';
import { type NodePackage, nativeFiles } from './native.ts';

const all = [
  'README.md',
  'package.json',
  'bin/napi-v6/darwin/arm64/onnxruntime_binding.node',
  'bin/napi-v6/linux/arm64/onnxruntime_binding.node',
  'bin/napi-v6/linux/x64/libonnxruntime.so.1',
  'bin/napi-v6/linux/x64/onnxruntime_binding.node',
  'bin/napi-v6/win32/x64/onnxruntime.dll',
  'dist/index.d.ts',
  'dist/index.js',
  'dist/index.js.map',
  'lib/index.ts',
  'script/install.js',
];

const node: NodePackage = {
  name: 'onnxruntime-node',
  version: '1.2.3',
  licence: 'MIT',
  files: all.map(path => ({ path, from: `/here/${path}`, bytes: 10 })),
};

const common: NodePackage = {
  ...node,
  name: 'onnxruntime-common',
  files: [
    'LICENSE',
    'dist/cjs/index.js',
    'dist/cjs/package.json',
    'dist/cjs/index.js.map',
    'dist/esm/index.js',
  ].map(path => ({ path, from: `/here/${path}`, bytes: 10 })),
};

test('a layer holds what is loaded on its platform, the licences, and nothing for who builds or installs', () => {
  const { title, entries, packages } = nativeFiles([node, common], 'linux/amd64');
  assert.equal(title, 'onnxruntime-node 1.2.3');
  assert.deepEqual(
    entries.map(({ path }) => path.replace('opt/fairlead/node_modules/onnxruntime-', '')),
    [
      'node/README.md',
      'node/package.json',
      'node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
      'node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
      'node/dist/index.js',
      'common/LICENSE',
      'common/dist/cjs/index.js',
      'common/dist/cjs/package.json',
    ],
  );
  assert.deepEqual(packages, [
    { kind: 'npm', name: 'onnxruntime-node', version: '1.2.3', licence: 'MIT', bytes: 50 },
    { kind: 'npm', name: 'onnxruntime-common', version: '1.2.3', licence: 'MIT', bytes: 30 },
  ]);
});

test('another platform has its own library', () => {
  const { entries } = nativeFiles([node, common], 'linux/arm64');
  const native = entries.filter(({ path }) => path.includes('/bin/'));
  assert.deepEqual(
    native.map(({ path }) => path.split('/').slice(-3)),
    [['linux', 'arm64', 'onnxruntime_binding.node']],
  );
});

test('a library that is not installed, or not for the platform, is refused with what to do', () => {
  assert.throws(() => nativeFiles([], 'linux/amd64'), {
    code: 'image_invalid',
    message: /npm install onnxruntime-node/,
  });
  const files = node.files.filter(({ path }) => !path.includes('linux/arm64'));
  assert.throws(() => nativeFiles([{ ...node, files }, common], 'linux/arm64'), {
    code: 'image_invalid',
    message: /^onnxruntime-node 1\.2\.3: .* no library for linux\/arm64; .*--platform/,
  });
});
