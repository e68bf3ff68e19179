/**
 * Has one server serve a model of every library of Python, and fails where an answer is not the library's own, or where a file
 * that would run code is not refused.
 *
 *   node scripts/run.mjs test/python/run.ts [--may-skip]
 *
 * The models are trained here (make_models.py, make_torch.py). `--may-skip` makes it no failure that Python or the packages cannot be had.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, environment } from '../differential/peers/python.ts';
import { run as runProgram, startProgram } from '../programs/fairlead.ts';
import { differences } from './answers.ts';
import type { Case } from './case.ts';
import { examples, runExample } from './examples.ts';
import { wronglyLoaded } from './refusals.ts';

/** Each of the libraries takes seconds to be imported. */
const LOAD_SECONDS = 180;

/** What runs in the processes of models. */
const WORKER = join(import.meta.dirname, '../../src/server/runtimes/python/worker');

/** Debian's, which is small; PyTorch of a package index comes with gigabytes of CUDA. */
const TORCH = '/usr/bin/python3';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-python-'));
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const { program, folder: peer } = environment('python-models', '../python/requirements.txt');
  const wrong = (await wronglyAnswered(program, 'make_models.py')) + (await wrongOfTorch());
  for (const example of examples) {
    await runExample(example, peer);
    process.stdout.write(`examples/${example.name}: runs as its README says\n`);
  }
  return wrong + (await wronglyLoaded(program)) + wronglyMatched(program) === 0 ? 0 : 1;
}

async function wrongOfTorch(): Promise<number> {
  if (spawnSync(TORCH, ['-c', 'import torch, numpy, venv, ensurepip']).status !== 0) {
    process.stdout.write(
      `models of PyTorch: skipped, ${TORCH} has none (apt-get install python3-torch python3-venv)\n`,
    );
    return 0;
  }
  const { program } = environment('python-torch', '../python/requirements-torch.txt', TORCH);
  return (await wronglyAnswered(program, 'make_torch.py')) + (await wronglyServed(program));
}

/** How many answers are not the library's own, of models that such a program makes in the folder. */
async function wronglyAnswered(program: string, maker: string): Promise<number> {
  execFileSync(program, [join(import.meta.dirname, maker), folder], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  const cases = read('cases.json') as Case[];
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
  return wrong;
}

/** A file that is not to be served, and what is said of it. */
interface Refused extends Pick<Case, 'file' | 'python'> {
  readonly says: string;
}

/** How many of the files that are not to be served are, or are refused in other words. */
async function wronglyServed(program: string): Promise<number> {
  let wrong = 0;
  for (const { file, says, python } of read('refused.json') as Refused[]) {
    const list = [entryOf({ name: 'refused', file, python }, program)];
    writeFileSync(join(folder, 'models.json'), JSON.stringify(list));
    const { code, stderr } = await runProgram([
      'serve',
      '--models',
      join(folder, 'models.json'),
      '--port',
      '0',
    ]);
    const isRight = code !== 0 && code !== null && stderr.includes(says);
    if (!isRight) wrong++;
    process.stdout.write(`${file}: ${isRight ? `refused, ${says}` : `WRONG: ${code} ${stderr}`}\n`);
  }
  return wrong;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

/** 1 where the worker matches a version that a requirement asks for in another way than pip does. */
function wronglyMatched(program: string): number {
  const compare = join(import.meta.dirname, 'compare_versions.py');
  const { status } = spawnSync(program, [compare, WORKER], { stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0 ? 0 : 1;
}

/** As a list of models has it. */
function entryOf(
  { name, file, python }: Pick<Case, 'name' | 'file' | 'python'>,
  interpreter: string,
): object {
  return { name, uri: `./${file}`, version: '1', runtime: { python: { ...python, interpreter } } };
}
