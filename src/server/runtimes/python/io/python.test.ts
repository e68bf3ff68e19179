/** Models of Python: what goes in and comes out, what goes wrong, and that it touches nothing else. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { hardTensor } from '../../../fixtures/hard-tensor.ts';
import { rawBytes } from '../../../tensors/raw.ts';
import { type Datatype, datatypes, type Tensor } from '../../../tensors/tensor.ts';
import { folderWith, type Opened, opened, pythonFor } from '../fixtures/python.ts';
import type { PythonModel } from '../python-model.ts';

const NAMED = { class: { module: 'model', name: 'Model' } } as const;

/** A model of the source of its class. */
async function classModel(
  t: TestContext,
  source: string,
  more: Partial<PythonModel> & { readonly instances?: number } = {},
): Promise<Opened | undefined> {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return undefined;
  const folder = folderWith(t, { 'model.py': source });
  const { instances = 1, ...model } = more;
  return opened(t, { interpreter, folder, ...NAMED, ...model }, { instances });
}

const row = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [1, values.length],
  data: Float32Array.from(values),
});

const DOUBLE = `
class Model:
    inputs = {"x": ("FP32", [-1, 2])}
    def predict(self, inputs):
        return {"y": inputs["x"] * 2}
`;

test('a class says what it takes, and what it gives is found out', async t => {
  const made = await classModel(t, DOUBLE);
  if (made === undefined) return;
  const { model } = made;
  assert.deepEqual(model.signature, {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    batched: true,
  });
  assert.deepEqual(await model.run([row(1, 2.5)]), [row(2, 5)]);
  assert.deepEqual([model.place, model.width], ['processes', 1]);
  assert((model.lastMs ?? 0) > 0);
});

const hard = (datatype: Datatype): Tensor =>
  hardTensor(datatype, ['', 'héllo', 'a'.repeat(100_000), Buffer.from([255])]);

test('tensors of every datatype go there and back bit by bit', async t => {
  const specs = datatypes.map(datatype => `"${datatype}": ("${datatype}", [-1])`).join(', ');
  const made = await classModel(
    t,
    `
class Model:
    inputs = {${specs}}
    def predict(self, inputs):
        return inputs
`,
  );
  if (made === undefined) return;
  const inputs = datatypes.map(hard);
  const before = inputs.map(one => rawBytes(one).toString('hex'));
  const outputs = await made.model.run(inputs);
  assert.deepEqual(
    outputs.map(({ datatype }) => datatype),
    datatypes,
  );
  assert.deepEqual(
    outputs.map(one => rawBytes(one).toString('hex')),
    before,
  );
});

test('64 MiB go there and back', async t => {
  const made = await classModel(
    t,
    `
class Model:
    inputs = {"x": ("FP32", [-1])}
    def predict(self, inputs):
        return {"y": inputs["x"]}
`,
  );
  if (made === undefined) return;
  const data = Float32Array.from({ length: 2 ** 24 }, (_, index) => index);
  const [output] = await made.model.run([{ datatype: 'FP32', shape: [2 ** 24], data }]);
  assert.deepEqual(output?.data, data);
});

const FAULTY = `
import os, sys, time
import numpy as np
from fairlead import InvalidInput

class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def load(self, path):
        print("loading from", os.path.basename(path)[:9])
    def predict(self, inputs):
        what = int(inputs["x"][0, 0])
        if what == 1: raise ValueError("one is\\nno number")
        if what == 2: raise InvalidInput("two is not for me")
        if what == 3: os._exit(7)
        if what == 4: time.sleep(60)
        if what == 5: return {"z": inputs["x"]}
        if what == 6: print("x" * 1000000)
        if what == 7: np.ones(10 * 2 ** 30 // 8)
        if what == 8: sys.exit(3)
        if what == 9: os.write(3, b"garbage garbage garbage garbage")
        if what == 10: return {"y": inputs["x"], "z": object()}
        return {"y": inputs["x"]}
`;

const faults: readonly { what: number; name: string; says: RegExp; code?: string; dies?: true }[] = [
  { what: 1, name: 'an exception', says: /^ValueError: one is no number$/ },
  { what: 2, name: "what is the client's fault", says: /two is not for me/, code: 'input_invalid' },
  {
    what: 3,
    name: 'an exit from below',
    says: /the process that ran the model died: it exited with 7/,
    dies: true,
  },
  { what: 4, name: 'a hang', says: /it ran for more than 1 s, and was ended/, dies: true },
  { what: 5, name: 'an output that was not promised', says: /gave no output 'y', but 'z'/ },
  { what: 7, name: '10 GB of memory', says: /MemoryError/ },
  { what: 8, name: 'sys.exit', says: /SystemExit: 3/ },
  { what: 9, name: 'garbage in the socket', says: /said what cannot be understood/, dies: true },
];

for (const { what, name, says, code = 'inference_failed', dies } of faults) {
  test(`${name} fails the request that it came of, and no other`, async t => {
    const made = await classModel(t, FAULTY, { runMs: 1000, memoryBytes: 2 ** 31 });
    if (made === undefined) return;
    const { model, notices } = made;
    await assert.rejects(model.run([row(what)]), { code, message: says });
    while (model.width === 0) await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(await model.run([row(100)]), [row(100)]);
    assert.deepEqual(notices, dies ? ['died', 'restarted'] : []);
  });
}

test('what it prints goes to the log, in lines of bounded length, and hurts nobody', async t => {
  const made = await classModel(t, FAULTY);
  if (made === undefined) return;
  assert.deepEqual(await made.model.run([row(6)]), [row(6)]);
  assert.match(made.lines[0] ?? '', /^loading from fairlead-$/);
  assert(made.lines.every(line => line.length <= 2000));
});

const wrong: readonly { name: string; source: string; model?: Partial<PythonModel>; is: object }[] = [
  {
    name: 'a class that there is not',
    source: 'class Other: pass',
    is: { code: 'model_invalid', message: /the module 'model' has no class 'Model'/ },
  },
  {
    name: 'a module that there is not',
    source: '',
    model: { class: { module: 'nowhere', name: 'Model' } },
    is: { code: 'model_invalid', message: /there is no module 'nowhere' in/ },
  },
  {
    name: 'a package that is not installed',
    source: 'import no_such_package',
    is: {
      code: 'package_missing',
      message: /has no no_such_package; install it with: .* -m pip install 'no_such_package'/,
    },
  },
  {
    name: 'a requirement that is not met',
    source: DOUBLE,
    model: { requirements: ['numpy>=99'] },
    is: {
      code: 'package_missing',
      message: /has no numpy>=99 \(it has numpy [\d.]+\); install it with: .* 'numpy>=99'/,
    },
  },
  {
    name: 'a class that does not say what it takes',
    source: 'class Model:\n  def predict(self, inputs): return inputs',
    is: { code: 'model_invalid', message: /does not say what it takes/ },
  },
  {
    name: 'an error of its own',
    source: 'raise RuntimeError("not today")',
    is: { code: 'model_invalid', message: /RuntimeError: not today/ },
  },
  {
    name: 'sizes that are no numbers of elements',
    source: 'class Model:\n  inputs = {"x": ("FP32", [-1, 2.5])}\n  def predict(self, inputs): return inputs',
    is: { code: 'model_invalid', message: /its inputs must be like .*: 2.5 is no size/ },
  },
  {
    name: 'a size below -1',
    source: 'class Model:\n  inputs = {"x": ("FP32", [-5])}\n  def predict(self, inputs): return inputs',
    is: { code: 'model_invalid', message: /its inputs must be like .*: -5 is no size/ },
  },
  {
    name: 'inputs too large to be made up',
    source:
      'class Model:\n  inputs = {"x": ("FP32", [-1, 10**12])}\n  def predict(self, inputs): return inputs',
    is: {
      code: 'model_invalid',
      message: /its outputs are not declared, and one row of its inputs is too large/,
    },
  },
  {
    name: 'a process that ends',
    source: 'import os; os._exit(3)',
    is: { code: 'inference_failed', message: /it exited with 3/ },
  },
  {
    name: 'an interpreter that there is not',
    source: DOUBLE,
    model: { interpreter: 'no-such-python' },
    is: { code: 'interpreter_missing', message: /'no-such-python' does not start/ },
  },
];

for (const { name, source, model = {}, is } of wrong) {
  test(`says what keeps a model from being loaded: ${name}`, async t => {
    await assert.rejects(async () => {
      if ((await classModel(t, source, model)) === undefined) throw Object.assign(new Error(), is);
    }, is);
  });
}

test('says that the interpreter has no NumPy, without which nothing runs', async t => {
  const python = pythonFor(t, 'numpy');
  if (python === undefined) return;
  // Without `site` no package is found.
  const folder = folderWith(t, { 'model.py': DOUBLE, bare: `#!/bin/sh\nexec ${python} -S "$@"\n` });
  const interpreter = join(folder, 'bare');
  chmodSync(interpreter, 0o755);
  await assert.rejects(opened(t, { interpreter, folder, ...NAMED }), {
    code: 'package_missing',
    message: /has no numpy; install it with: /,
  });
});

test('says which Python is wanted where the interpreter is an older one', async t => {
  const python = pythonFor(t, 'numpy');
  if (python === undefined) return;
  const older =
    'import runpy, sys; sys.version_info = (3, 7, 16); runpy.run_path(sys.argv[1], run_name="__main__")';
  const folder = folderWith(t, {
    'model.py': DOUBLE,
    older: `#!/bin/sh\nexec ${python} -c '${older}' "$@"\n`,
  });
  const interpreter = join(folder, 'older');
  chmodSync(interpreter, 0o755);
  await assert.rejects(opened(t, { interpreter, folder, ...NAMED }), {
    message: /it exited with 1: fairlead needs Python 3.9 or later, and this is 3.7.16$/,
  });
});

test('modules beside a model are not run, whatever they are called', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const pwned = 'open(__file__ + ".ran", "w").close()';
  const names = ['json', 'numpy', 'fairlead', 'random'];
  const folder = folderWith(t, {
    'm.skops': 'no model',
    ...Object.fromEntries(names.map(name => [`${name}.py`, pwned])),
  });
  await assert.rejects(
    opened(t, { interpreter, folder, loader: 'skops' }, { path: join(folder, 'm.skops') }),
    /skops|scikit-learn/,
  );
  assert.deepEqual(
    names.filter(name => existsSync(join(folder, `${name}.py.ran`))),
    [],
  );
});

const ODD = `
import asyncio, os, sys, time
import numpy as np

class Wordless(Exception):
    def __str__(self): raise RuntimeError("no words")

class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def predict(self, inputs):
        what = int(inputs["x"][0, 0])
        if what == 1: raise Wordless()
        if what == 2: raise asyncio.CancelledError()
        if what == 3:
            sys.stderr.close()
            raise ValueError("unheard")
        if what == 4: return {"y": np.array([["\\udc80"]])}
        return {"y": inputs["x"]}
`;

for (const [what, says] of [
  [1, /^Wordless$/],
  [2, /^CancelledError$/],
  [3, /^ValueError: unheard$/],
  [4, /the output 'y' is FP32, and the model gave object/],
] as const) {
  test(`an odd exception ends no process: ${says}`, async t => {
    const made = await classModel(t, ODD);
    if (made === undefined) return;
    await assert.rejects(made.model.run([row(what)]), { code: 'inference_failed', message: says });
    assert.deepEqual(await made.model.run([row(9)]), [row(9)]);
    assert.deepEqual(made.notices, []);
  });
}

test('what a model has forked answers nobody in its place', async t => {
  const made = await classModel(
    t,
    `
import os
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def predict(self, inputs):
        child = os.fork()
        if child: os.waitpid(child, 0)
        return {"y": inputs["x"]}
`,
  );
  if (made === undefined) return;
  for (const value of [1, 2, 3]) assert.deepEqual(await made.model.run([row(value)]), [row(value)]);
});

test('of what it died the log is told with its last words, and a client without: they may be about others', async t => {
  const source = `
import os
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def predict(self, inputs):
        if inputs["x"][0, 0] == 1:
            print("the pixels of somebody else", flush=True)
            os.abort()
        return inputs["x"]
`;
  const made = await classModel(t, source);
  if (made === undefined) return;
  await assert.rejects(made.model.run([row(1)]), { message: /it was ended by SIGABRT$/ });
  assert.match(made.problems.join(), /it was ended by SIGABRT: the pixels of somebody else/);
});

test('a process that closes its socket is ended at once', async t => {
  const made = await classModel(
    t,
    `
import os, time
class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def predict(self, inputs):
        if inputs["x"][0, 0] == 1:
            os.close(3)
            time.sleep(60)
        return {"y": inputs["x"]}
`,
  );
  if (made === undefined) return;
  await assert.rejects(made.model.run([row(1)]), { message: /died: it closed its socket/ });
});

test('numbers that do not fit an output are refused, and not made others', async t => {
  const made = await classModel(
    t,
    `
class Model:
    inputs = {"x": ("FP64", [-1, 1])}
    outputs = {"y": ("UINT8", [-1, 1])}
    def predict(self, inputs):
        x = inputs["x"]
        return {"y": x.astype("int64") if x[0, 0] != 0.5 else x}
`,
  );
  if (made === undefined) return;
  const ask = (value: number) =>
    made.model.run([{ datatype: 'FP64', shape: [1, 1], data: Float64Array.of(value) }]);
  assert.deepEqual((await ask(200))[0]?.data, Uint8Array.of(200));
  for (const value of [300, -1, 0.5])
    await assert.rejects(ask(value), {
      message: /the output 'y' is UINT8, and the model gave \w+ that does not fit/,
    });
});

test('no rows come back as no rows of the datatype', async t => {
  const made = await classModel(
    t,
    `
class Model:
    inputs = {"x": ("FP32", [-1, 2])}
    outputs = {"count": ("INT64", [-1])}
    def predict(self, inputs):
        return {"count": [len(row) for row in inputs["x"]]}
`,
  );
  if (made === undefined) return;
  const [output] = await made.model.run([{ datatype: 'FP32', shape: [0, 2], data: new Float32Array() }]);
  assert.deepEqual(output, { datatype: 'INT64', shape: [0], data: new BigInt64Array() });
});

test('a list of a number for each row is one output', async t => {
  const made = await classModel(
    t,
    `
class Model:
    inputs = {"x": ("FP32", [-1, 2])}
    def predict(self, inputs):
        return [float(row.sum()) for row in inputs["x"]]
`,
  );
  if (made === undefined) return;
  const input: Tensor = { datatype: 'FP32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const [output, second] = await made.model.run([input]);
  assert.equal(second, undefined);
  assert.deepEqual([output?.shape, output?.data], [[3], Float64Array.of(3, 7, 11)]);
});

test('a process ends with its model', async t => {
  const made = await classModel(
    t,
    `
import os
class Model:
    inputs = {"x": ("INT32", [-1])}
    def predict(self, inputs):
        return {"pid": inputs["x"] * 0 + os.getpid()}
`,
  );
  if (made === undefined) return;
  const [output] = await made.model.run([{ datatype: 'INT32', shape: [1], data: Int32Array.of(0) }]);
  const process = join('/proc', String(output?.data[0 as never]));
  assert(existsSync(process));
  await made.model.close();
  assert(!existsSync(process));
});
