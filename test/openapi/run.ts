/**
 * Has schemathesis ask a server everything that its own description allows and forbids, and fails on whatever it finds.
 *
 *   node scripts/run.mjs test/openapi/run.ts [--may-skip]
 *
 * What it is not held to stands in schemathesis.toml, with the reasons. `--may-skip` makes it no failure that Python or the
 * packages cannot be had.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, environment } from '../differential/peers/python.ts';
import { startProgram } from '../programs/fairlead.ts';
import { writeModels } from './models.ts';

/** Ten times what a run takes. Milliseconds. */
const MOST_RUN_MS = 600_000;

const folder = mkdtempSync(join(tmpdir(), 'fairlead-openapi-'));
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const python = environment('schemathesis', '../openapi/requirements.txt').program;
  const models = ['digits=examples/digits/models/digits/2', ...writeModels(folder)];
  const flags = ['--model-control', '--label', 'digits:stable=2', '--log-level', 'error'];
  const server = await startProgram(['serve', ...models, ...flags]);
  try {
    const description = join(folder, 'openapi.json');
    writeFileSync(description, await (await fetch(`${server.url}/openapi.json`)).text());
    const valid = await ended(python, ['-m', 'openapi_spec_validator', description]);
    const config = join(import.meta.dirname, 'schemathesis.toml');
    const program = ['-m', 'schemathesis.cli', '--config-file', config];
    const found = await ended(python, [...program, 'run', description, '--url', server.url]);
    process.stdout.write(server.stderr());
    return valid || found || ((await fetch(`${server.url}/health`)).ok ? 0 : 1);
  } finally {
    await server.stop();
  }
}

/** Runs a program in this folder, and gives its exit code. */
async function ended(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { cwd: import.meta.dirname, stdio: ['ignore', 'inherit', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_RUN_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  return code ?? 1;
}
