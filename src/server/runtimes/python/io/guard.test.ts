/** The wall against pickles, whichever library reads them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { pythonFor } from '../fixtures/python.ts';

const WORKER = join(import.meta.dirname, '../worker');

const PROGRAM = `
import io, os, pickle, sys
import numpy as np
from fairlead.guard import guarded
from fairlead.problems import Problem

class Evil:
    def __reduce__(self):
        return (os.system, ("echo pwned",))

evil = pickle.dumps(Evil())
array = io.BytesIO()
np.save(array, np.array([Evil()], dtype=object), allow_pickle=True)

ways = {
    "pickle.loads": lambda: pickle.loads(evil),
    "pickle in Python": lambda: pickle._loads(evil),
    "a subclass of Unpickler": lambda: type("Own", (pickle.Unpickler,), {})(io.BytesIO(evil)).load(),
    "numpy.load": lambda: np.load(io.BytesIO(array.getvalue()), allow_pickle=True),
}
for name, load in ways.items():
    try:
        with guarded(False):
            load()
        print(name, "was not refused")
    except Problem as problem:
        print(name, problem.told["code"])
with guarded(True):
    print(pickle.loads(pickle.dumps(Problem)) is Problem)
print(pickle.loads(pickle.dumps(Problem)) is Problem)
`;

test('nothing is unpickled while the wall stands, and all is before and after', t => {
  const python = pythonFor(t, 'numpy');
  if (python === undefined) return;
  const said = execFileSync(python, ['-c', PROGRAM], {
    env: { ...process.env, PYTHONPATH: WORKER, PYTHONDONTWRITEBYTECODE: '1' },
    encoding: 'utf8',
  });
  assert.deepEqual(said.trim().split('\n'), [
    'pickle.loads model_unsafe',
    'pickle in Python model_unsafe',
    'a subclass of Unpickler model_unsafe',
    'numpy.load model_unsafe',
    'True',
    'True',
  ]);
});
