import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { root, run } from './programs/fairlead.ts';
import { examples, runExample } from './python/examples.ts';

/** Made by `npm run python`. */
const ENVIRONMENT = join(root, 'test/.peers/python-models');

for (const example of examples) {
  const { name, packages } = example;
  test(`the example of ${name} runs as its README says`, async t => {
    const python = join(ENVIRONMENT, 'bin/python');
    if (spawnSync(python, ['-c', `import ${packages.join(', ')}`]).status !== 0)
      return t.skip(`${python} has not ${packages.join(', ')}; npm run python makes it, and runs this too`);
    await runExample(example, ENVIRONMENT);
  });

  test(`the example of ${name} says how to make the interpreter that is not there, as its README does`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-example-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(join(root, 'examples', name), folder, {
      recursive: true,
      filter: path => !path.includes('.venv'),
    });
    const { code, stderr } = await run(['up', folder, '--port', '0', '--grpc-port', 'off']);
    assert.equal(code, 3);
    const venv = join(folder, '.venv');
    assert(
      stderr.includes(`make it with: python3 -m venv ${venv}, and then ${venv}/bin/python -m pip install `),
      stderr,
    );
    const page = readFileSync(join(root, 'examples', name, 'README.md'), 'utf8');
    assert(
      page.includes(
        `python3 -m venv examples/${name}/.venv\nexamples/${name}/.venv/bin/python -m pip install -r`,
      ),
    );
  });
}
