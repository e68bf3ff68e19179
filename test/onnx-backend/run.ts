/**
 * All of ONNX's backend tests through the server, and what came of them.
 *
 *   node scripts/run.mjs test/onnx-backend/run.ts [PART OF A NAME]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { backendCases, Unavailable } from './data.ts';
import { report } from './report.ts';
import type { Verdict } from './verdict.ts';
import type { Told } from './worker.ts';

/** A worker that says nothing for so long hangs. Milliseconds. */
const MOST_SILENCE_MS = 120_000;

const [part = ''] = process.argv.slice(2);
process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof Unavailable)) throw error;
  process.stderr.write(`onnx-backend: ${error.message}\n`);
  return 3;
});

/** The exit code: 0 when all is well, 1 when a test failed, 2 when no name has the part. */
async function main(): Promise<0 | 1 | 2> {
  const names = backendCases().flatMap(({ name }) => (name.includes(part) ? [name] : []));
  const all = await verdictsOf(names);
  process.stdout.write(`${report(all)}\n`);
  if (all.length === 0) return 2;
  return all.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

/** By one worker, and another each time that one ends before it is through. */
async function verdictsOf(names: readonly string[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let left = names;
  while (left.length > 0) {
    verdicts.push(...(await workOn(left)));
    const done = new Set(verdicts.map(({ name }) => name));
    left = names.filter(name => !done.has(name));
    if (process.stderr.isTTY) process.stderr.write(`${done.size} of ${names.length}\n`);
  }
  return verdicts;
}

/** What a worker makes of names before it ends: all of them, or up to the one that ended it. */
async function workOn(names: readonly string[]): Promise<Verdict[]> {
  const worker = fork(join(import.meta.dirname, 'worker.ts'));
  const verdicts: Verdict[] = [];
  let at: string | undefined;
  const timer = setTimeout(() => worker.kill('SIGKILL'), MOST_SILENCE_MS);
  worker.on('message', (told: Told) => {
    timer.refresh();
    if ('at' in told) at = told.at;
    else verdicts.push(...told.verdicts);
  });
  worker.send(names);
  const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  if (at === undefined) throw new Error(`a worker ended with ${signal ?? code} before it began`);
  if (verdicts.length === names.length) return verdicts;
  const fallen: Verdict = { name: at, outcome: 'failed', reason: `the process ended with ${signal ?? code}` };
  return [...verdicts.filter(({ name }) => name !== at), fallen];
}
