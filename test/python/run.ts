/**
 * Has one server serve a model of every library of Python, and fails where an answer is not the library's own, or where a file
 * that would run code is not refused.
 *
 *   node scripts/run.mjs test/python/run.ts [--may-skip]
 *
 * The models are trained here (make_models.py). `--may-skip` makes it no failure that Python or the packages cannot be had.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, environment } from '../differential/peers/python.ts';
import { startProgram } from '../programs/fairlead.ts';
import { differences } from './answers.ts';
import type { Case } from './case.ts';
import { examples, runExample } from './examples.ts';
import { wronglyLoaded } from './refusals.ts';

/** Each of the libraries takes seconds to be imported. */
const LOAD_SECONDS = 180;

/** What runs in the processes of models. */
const WORKER = join(import.meta.dirname, '../../src/server/runtimes/python/worker');

const folder = mkdtempSync(join(tmpdir(), 'fairlead-python-'));
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const { program, folder: peer } = environment('python-models', '../python/requirements.txt');
  const maker = join(import.meta.dirname, 'make_models.py');
  execFileSync(program, [maker, folder], { stdio: ['ignore', 'inherit', 'ignore'] });
  const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[];
  writeFileSync(join(folder, 'models.json'), JSON.stringify(cases.map(one => entryOf(one, program))));
  const server = await startProgram(['serve', '--models', join(folder, 'models.json')], {}, LOAD_SECONDS);
  let wrong = 0;
  try {
    for (const one of cases) {
      const found = await differences(server, one);
      wrong += found.length;
      process.stdout.write(
        `${one.name}: ${found.length === 0 ? 'as the library answers' : found.join('; ')}\n`,
      );
    }
  } finally {
    await server.stop();
  }
  for (const example of examples) {
    await runExample(example, peer);
    process.stdout.write(`examples/${example.name}: runs as its README says\n`);
  }
  return wrong + (await wronglyLoaded(program)) + wronglyMatched(program) === 0 ? 0 : 1;
}

/** 1 where the worker matches a version that a requirement asks for in another way than pip does. */
function wronglyMatched(program: string): number {
  const compare = join(import.meta.dirname, 'compare_versions.py');
  const { status } = spawnSync(program, [compare, WORKER], { stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0 ? 0 : 1;
}

/** As a list of models has it. */
function entryOf({ name, file, python }: Case, interpreter: string): object {
  return { name, uri: `./${file}`, version: '1', runtime: { python: { ...python, interpreter } } };
}
