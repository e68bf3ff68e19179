import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { classOf, holdsVersions, loaderAt } from './python-class.ts';

function folder(t: TestContext, files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-class-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

const CLASS = 'net:Net';

const loaders: readonly (readonly [
  files: readonly string[],
  path: string,
  named: string | undefined,
  loader: string | undefined,
])[] = [
  [['m.onnx'], 'm.onnx', CLASS, 'onnx'],
  [['m.skops'], 'm.skops', undefined, 'skops'],
  [['m.skops'], 'm.skops', CLASS, 'class'],
  [['m.safetensors'], 'm.safetensors', CLASS, 'safetensors'],
  [['net.py', 'm.safetensors'], '', CLASS, 'safetensors'],
  [['net.py', 'a.safetensors', 'b.safetensors'], '', CLASS, 'class'],
  [['net.py', 'm.onnx', 'm.safetensors'], '', CLASS, 'class'],
  [['net.py', 'm.pt'], '', CLASS, 'class'],
  [['saved_model.pb'], '', undefined, 'savedmodel'],
  [['saved_model.pb', 'net.py'], '', CLASS, 'class'],
  [['weights.bin'], 'weights.bin', CLASS, 'class'],
  [['weights.bin'], 'weights.bin', undefined, undefined],
  [['notes.txt'], '', undefined, undefined],
];

for (const [files, path, named, loader] of loaders)
  test(`${path || 'a folder'} of ${files.join()} is loaded by ${loader ?? 'nothing'}${named ? ' with a class' : ''}`, async t => {
    assert.equal(await loaderAt(join(folder(t, files), path), named), loader);
  });

const versioned: readonly (readonly [files: readonly string[], is: boolean])[] = [
  [['1/net.py'], true],
  [['README.md', '1/net.py', '2/net/__init__.py'], true],
  [['1/weights.bin', '2/weights.bin'], true],
  [['net.py', '1/net.py'], false],
  [['net/__init__.py', '1/data.txt'], false],
  [['weights.bin', '1/data.txt'], false],
  [['net.py'], false],
];

for (const [files, is] of versioned)
  test(`of a class, a folder of ${files.join()} is ${is ? '' : 'not '}one of versions`, async t => {
    assert.equal(await holdsVersions(folder(t, files), CLASS), is);
  });

const meant: readonly (readonly [files: readonly string[], path: string, is: boolean])[] = [
  [['net.py', 'scaler.pkl'], '', true],
  [['data/weights.bin'], '', true],
  [['weights.bin'], 'weights.bin', true],
  [['w.safetensors'], 'w.safetensors', true],
  [['w.safetensors'], '', true],
  [['1/net.py'], '', true],
  [['m.onnx'], 'm.onnx', false],
  [['m.onnx'], '', false],
  [['m.skops'], '', false],
  [['saved_model.pb'], '', false],
  [['1/m.onnx'], '', false],
  [['config.pbtxt', '1/m.onnx'], '', false],
];

for (const [files, path, is] of meant)
  test(`the class of a service is ${is ? '' : 'not '}meant for ${path || 'a folder'} of ${files.join()}, one model of several`, async t => {
    const root = join(folder(t, files), path);
    assert.equal(await classOf({ usualPython: { class: CLASS } }, root), is ? CLASS : undefined);
    assert.equal(await classOf({ usualPython: { class: CLASS }, isAlone: true }, root), CLASS);
    assert.equal(
      await classOf({ runtime: { python: { class: 'own:Own' } }, usualPython: { class: CLASS } }, root),
      'own:Own',
    );
  });
