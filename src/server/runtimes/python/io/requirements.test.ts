/** Which requirements an interpreter meets, without a package to read them with. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { pythonFor } from '../fixtures/python.ts';

const WORKER = join(import.meta.dirname, '../worker');

/** Says of each requirement whether it is met by numpy 1.24.2 on a Python 3.11 of Linux. */
const PROGRAM = `
import importlib.metadata, json, sys
from fairlead import markers, requirements
from fairlead.problems import Problem

installed = {"numpy": "1.24.2", "torch": "2.1.0+cpu", "early": "3.0rc1"}
def version(name):
    try:
        return installed[name.lower()]
    except KeyError:
        raise importlib.metadata.PackageNotFoundError(name) from None
importlib.metadata.version = version
markers._ENVIRONMENT.update(python_version=lambda: "3.11", sys_platform=lambda: "linux")

def said(requirement):
    try:
        requirements.check([requirement])
        return "met"
    except Problem as problem:
        return f"{problem.told['code']}: {problem}"
print(json.dumps([said(one) for one in json.loads(sys.argv[1])]))
`;

const cases: readonly (readonly [requirement: string, says: string | RegExp])[] = [
  ['numpy', 'met'],
  ['numpy >=1.20, <2', 'met'],
  ['numpy (>=1.20)', 'met'],
  ['numpy~=1.24.0', 'met'],
  ['numpy~=1.23.0', /has no numpy~=1.23.0 \(it has numpy 1.24.2\)/],
  ['numpy==1.24.*', 'met'],
  ['numpy!=1.24.*', /package_missing/],
  ['numpy===1.24.2', 'met'],
  ['numpy<1.24.2.post1', 'met'],
  ['numpy>1.24', 'met'],
  ['numpy>=1.24.2rc1', 'met'],
  ['torch>=2.1,<2.2', 'met'],
  ['torch==2.1.0', 'met'],
  ['torch==2.1.0+cu118', /package_missing/],
  ['early<3', /package_missing/],
  ['early>=3', /package_missing/],
  ['NumPy[extra,other]>1', 'met'],
  ['numpy @ https://example.org/numpy.whl', 'met'],
  ['absent @ https://example.org/absent.whl', /has no absent @/],
  ['numpy>=1  # as everybody has', 'met'],
  ['absent; python_version < "3.9"', 'met'],
  ["absent>=1; python_version < '3.9' or sys_platform == 'linux'", /has no absent/],
  ['absent; (sys_platform == "win32") and python_version >= "3.8"', 'met'],
  ['absent; "lin" in sys_platform', /has no absent/],
  ['absent; os.name == "none" or python_implementation == "none"', 'met'],
  ['absent', /package_missing: .*has no absent/],
  ['numpy>=', /requirement_invalid/],
  ['numpy>=one', /requirement_invalid/],
  ['numpy=1', /requirement_invalid/],
  ['numpy; python_version', /requirement_invalid/],
  ['numpy; moon == "full"', /requirement_invalid: 'moon' is nothing that a marker knows/],
  ['-r requirements.txt', /requirement_invalid/],
];

test('requirements are understood as pip has them, without any package', t => {
  const python = pythonFor(t, 'numpy');
  if (python === undefined) return;
  const said = JSON.parse(
    execFileSync(
      python,
      [
        '-I',
        '-c',
        `import sys; sys.path.insert(0, ${JSON.stringify(WORKER)})\n${PROGRAM}`,
        JSON.stringify(cases.map(([one]) => one)),
      ],
      {
        encoding: 'utf8',
      },
    ),
  ) as string[];
  for (const [at, [requirement, says]] of cases.entries()) {
    if (typeof says === 'string') assert.equal(said[at], says, requirement);
    else assert.match(said[at] ?? '', says, requirement);
  }
});
