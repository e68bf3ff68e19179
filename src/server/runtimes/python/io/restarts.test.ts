/** Which model a process that died comes back with, and that none does once its model is closed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { InstancedModel } from '../../port.ts';
import { folderWith, opened, pythonFor } from '../fixtures/python.ts';

/** Dies of 1; what is written to its log is `told`. Where a file `hang` lies beside it, a load does not end. */
const MORTAL = `
import os, time
from helper import told
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def load(self, path):
        self.folder = path if os.path.isdir(path) else os.path.dirname(path)
        if os.path.exists(f"{self.folder}/hang"):
            open(f"{self.folder}/hung", "w").write(str(os.getpid()))
            time.sleep(600)
    def predict(self, inputs):
        if inputs["x"][0, 0] == 1:
            open(f"{self.folder}/cache", "w").close()
            os._exit(1)
        return {"y": inputs["x"]}
`;

interface Mortal {
  readonly model: InstancedModel;
  readonly folder: string;
  readonly notices: readonly string[];
  readonly problems: readonly string[];
}

/** A folder with the model, or a file that it is said to be read from. */
async function mortal(t: TestContext, file?: string): Promise<Mortal | undefined> {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return undefined;
  const folder = folderWith(t, { 'model.py': MORTAL, 'helper.py': 'told = 1', 'weights.bin': '' });
  const problems: string[] = [];
  const notices: string[] = [];
  const path = file === undefined ? folder : join(folder, file);
  const { model } = await opened(
    t,
    { interpreter, folder, class: { module: 'model', name: 'Model' } },
    {
      path,
      notice: ({ kind, problem = '' }) => {
        notices.push(kind);
        problems.push(problem);
      },
    },
  );
  return { model, folder, notices, problems };
}

async function die({ model }: Mortal): Promise<void> {
  const data = Float32Array.of(1);
  await assert.rejects(model.run([{ datatype: 'FP32', shape: [1, 1], data }]), { message: /exited with 1/ });
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}

test('a process comes back although files came into the folder of its model', async t => {
  const made = await mortal(t);
  if (made === undefined) return;
  await die(made);
  await until(() => made.notices.includes('restarted'));
  assert(existsSync(join(made.folder, 'cache')));
});

for (const [changed, file] of [
  ['model.py'],
  ['helper.py'],
  ['weights.bin'],
  ['model.py', 'weights.bin'],
  ['helper.py', 'weights.bin'],
] as const)
  test(`a process does not come back with ${changed} changed in place, beside ${file ?? 'a folder'}`, async t => {
    const made = await mortal(t, file);
    if (made === undefined) return;
    writeFileSync(
      join(made.folder, changed),
      `${readFileSync(join(made.folder, changed), 'utf8')}\ntold = 2`,
    );
    await die(made);
    await until(() => made.problems.length > 1);
    assert.match(made.problems[1] ?? '', new RegExp(`${changed}: the file was changed after the model was`));
    assert.equal(made.model.width, 0);
  });

test('a load that hangs when a process is to come back ends with its model', async t => {
  const made = await mortal(t);
  if (made === undefined) return;
  writeFileSync(join(made.folder, 'hang'), '');
  await die(made);
  const hung = join(made.folder, 'hung');
  await until(() => existsSync(hung) && readFileSync(hung, 'utf8') !== '');
  const pid = Number(readFileSync(hung, 'utf8'));
  await made.model.close();
  await until(() => !lives(pid));
  assert.deepEqual(made.notices, ['died']);
});

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
