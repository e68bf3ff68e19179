/** PyTorch's files: those that are served, and those that would run code when they are loaded. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Tensor } from '../../../tensors/tensor.ts';
import { folderWith, type Opened, opened, pythonFor } from '../fixtures/python.ts';
import type { PythonModel } from '../python-model.ts';

/** A folder with what a program of Python has written into it, with torch at hand. */
function made(t: TestContext, interpreter: string, program: string): string {
  const folder = folderWith(t, { 'net.py': NET });
  execFileSync(interpreter, ['-c', `import torch\nfrom net import Net\ntorch.manual_seed(0)\n${program}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return folder;
}

const NET = `
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)
    def forward(self, pixels):
        return torch.softmax(self.linear(pixels), 1)
`;

/** A pickle that writes a file when it is loaded, next to itself. */
const EVIL = `
import os, pickle
class Evil:
    def __reduce__(self):
        return (os.system, ("touch pwned",))
`;

async function load(
  t: TestContext,
  { program, file, ...model }: { program: string; file: string } & Partial<PythonModel>,
): Promise<(Opened & { readonly folder: string }) | undefined> {
  const interpreter = pythonFor(t, 'torch', 'numpy');
  if (interpreter === undefined) return undefined;
  const folder = made(t, interpreter, program);
  try {
    return {
      ...(await opened(t, { interpreter, folder, loader: 'torch', ...model }, { path: join(folder, file) })),
      folder,
    };
  } finally {
    assert(!existsSync(join(folder, 'pwned')), 'it ran what the file said');
  }
}

const input: Tensor = { datatype: 'FP32', shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };

/** What the library answers when it is called directly. */
const DIRECT =
  'torch.jit.load("m.pt")(torch.tensor([[1.,2,3,4],[5,6,7,8]])).detach().numpy().tofile("answer")';

test('TorchScript is served without a word about it, and answers as the library does', async t => {
  const found = await load(t, { program: `torch.jit.script(Net()).save("m.pt")\n${DIRECT}`, file: 'm.pt' });
  if (found === undefined) return;
  const { model, folder } = found;
  assert.deepEqual(model.signature, {
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 3] }],
    batched: true,
  });
  const { readFileSync } = await import('node:fs');
  const answer = readFileSync(join(folder, 'answer'));
  const [output] = await model.run([input]);
  assert.deepEqual(output, {
    datatype: 'FP32',
    shape: [2, 3],
    data: new Float32Array(answer.buffer.slice(answer.byteOffset, answer.byteOffset + answer.length)),
  });
});

test('a module saved whole is a pickle: it is served only where that is allowed', async t => {
  const program = 'torch.save(Net(), "m.pt")';
  await assert.rejects(async () => {
    if ((await load(t, { program, file: 'm.pt' })) === undefined) throw Object.assign(new Error(), UNSAFE);
  }, UNSAFE);
  const found = await load(t, { program, file: 'm.pt', allowUnsafeFormats: true });
  if (found === undefined) return;
  const [output] = await found.model.run([input]);
  assert.deepEqual(output?.shape, [2, 3]);
});

const UNSAFE = { code: 'model_unsafe' };

const evil: readonly { name: string; program: string; file: string; loader?: PythonModel['loader'] }[] = [
  { name: 'a .pt of today, a zip', program: 'torch.save(Evil(), "m.pt")', file: 'm.pt' },
  {
    name: 'a .pth of old, a bare pickle',
    program: 'pickle.dump(Evil(), open("m.pth", "wb"))',
    file: 'm.pth',
  },
  { name: 'a .pkl', program: 'pickle.dump(Evil(), open("m.pkl", "wb"))', file: 'm.pkl', loader: 'joblib' },
  {
    name: 'a .joblib',
    program: 'pickle.dump(Evil(), open("m.joblib", "wb"))',
    file: 'm.joblib',
    loader: 'joblib',
  },
  {
    name: 'a zip that says it is TorchScript',
    program: `
import zipfile
with zipfile.ZipFile("m.pt", "w") as z:
    z.writestr("m/data.pkl", pickle.dumps(Evil())); z.writestr("m/constants.pkl", pickle.dumps(Evil())); z.writestr("m/version", "3")`,
    file: 'm.pt',
  },
  {
    name: 'a zip that says it is an exported program',
    program: `
import zipfile
with zipfile.ZipFile("m.pt2", "w") as z:
    for name in ["serialized_exported_program.json", "serialized_state_dict.pt", "version"]: z.writestr(name, pickle.dumps(Evil()))`,
    file: 'm.pt2',
  },
];

for (const { name, program, file, loader = 'torch' } of evil) {
  test(`what would run code is refused, and its code does not run: ${name}`, async t => {
    await assert.rejects(
      async () => {
        const found = await load(t, { program: `${EVIL}\n${program}`, file, loader });
        if (found === undefined) throw Object.assign(new Error(), { code: 'model_unsafe' });
      },
      (error: { code?: string }) =>
        /^(model_unsafe|model_invalid|package_missing|inference_failed)$/.test(error.code ?? ''),
    );
  });
}

test('a class that reads its weights itself is served as it is, from the folder that holds them', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const folder = folderWith(t, {
    'w.safetensors': 'weights',
    'model.py': `
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    def load(self, path):
        self.size = len(open(f"{path}/w.safetensors").read())
    def predict(self, inputs):
        return {"y": inputs["x"] * self.size}
`,
  });
  const named = { class: { module: 'model', name: 'Model' }, loader: 'safetensors' } as const;
  const { model } = await opened(t, { interpreter, folder, ...named });
  const row: Tensor = { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(2) };
  assert.deepEqual((await model.run([row]))[0]?.data, Float32Array.of(14));
});
