/** How a process ends that has a model at work. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { modelFile } from '../../fixtures/onnx-file.ts';
import { slowModel } from '../../fixtures/slow-model.ts';

const program = fileURLToPath(new URL('../../fixtures/ending-program.ts', import.meta.url));

for (const code of [0, 3]) {
  test(`a process that ends with ${code} in the middle of a run does just that, and says nothing`, async t => {
    const args = ['--conditions=source', program, modelFile(t, slowModel(40)), String(code)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', chunk => (stderr += String(chunk)));
    const [exit, signal] = (await once(child, 'close')) as [number | null, string | null];
    assert.deepEqual([exit, signal, stderr], [code, null, '']);
  });
}
