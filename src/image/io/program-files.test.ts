import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { programFiles } from './program-files.ts';

const about = { name: 'fairlead', version: '1.2.3', licence: 'Apache-2.0' };
const packages = JSON.stringify([{ name: 'zod', version: '4.0.0', license: 'MIT' }]);

async function built(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-program-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

test('the program is what was built, with its version and what is in it, however it was installed', async t => {
  const folder = await built(t, {
    'fairlead.js': 'entry',
    'main.js': 'main',
    'main.js.map': 'of somebody',
    'packages.json': packages,
    'python/a.py': 'worker',
    'package.json': 'of an image',
    'node_modules/onnxruntime-node/index.js': 'of an image',
  });
  await chmod(join(folder, 'main.js'), 0o755);
  const { title, entries, packages: told } = await programFiles(folder, about);
  assert.equal(title, 'fairlead 1.2.3');
  assert.deepEqual(
    entries.map(entry => [entry.path.replace('opt/fairlead/', ''), entry.kind === 'file' && entry.isProgram]),
    [
      ['fairlead.js', true],
      ['main.js', undefined],
      ['packages.json', undefined],
      ['python/a.py', undefined],
      ['package.json', undefined],
    ],
  );
  const last = entries.at(-1);
  assert.ok(last?.kind === 'file' && last.from instanceof Uint8Array);
  const text = '{"name":"fairlead","version":"1.2.3","license":"Apache-2.0","type":"module"}\n';
  assert.equal(Buffer.from(last.from).toString(), text);
  const bytes = 'entry'.length + 'main'.length + packages.length + 'worker'.length + text.length;
  assert.deepEqual(told, [
    { kind: 'npm', name: 'fairlead', version: '1.2.3', licence: 'Apache-2.0', bytes },
    { kind: 'npm', name: 'zod', version: '4.0.0', licence: 'MIT' },
  ]);
});

test('a folder without the program, or without the list of what is in it, is told', async t => {
  await assert.rejects(programFiles(await built(t, { 'main.js': '' }), about), {
    code: 'image_invalid',
    message: /it holds no fairlead\.js/,
  });
  await assert.rejects(programFiles(await built(t, { 'fairlead.js': '' }), about), {
    code: 'file_unreadable',
    message: /packages\.json/,
  });
});
