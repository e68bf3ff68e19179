/**
 * Kills, hangs and fails the processes of one model at random, under load, beside another model: `npm run python:faults`.
 *
 *   node scripts/run.mjs test/python/faults/run.ts [--faults N] [--seed S] [--may-skip]
 *
 * Ends with 1 when the other model failed once, when a failure was not told in words, or when the model did not come back.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { codeOf, environment } from '../../differential/peers/python.ts';
import { Random } from '../../fuzz/random.ts';
import { startProgram } from '../../programs/fairlead.ts';
import { type Injury, injure, injuries } from './injuries.ts';
import { Load } from './load.ts';
import { MODEL } from './model.ts';
import { recovered } from './recovery.ts';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    'may-skip': { type: 'boolean', default: false },
  },
});
const faults = Number(values.faults);
const folder = mkdtempSync(join(tmpdir(), 'fairlead-faults-'));
try {
  process.exitCode = await codeOf(run, values['may-skip']);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const { program: interpreter } = environment('python-models', '../python/requirements.txt');
  writeFileSync(join(folder, 'model.py'), MODEL);
  const python = { interpreter, class: 'model:Model', runTime: '300ms', memory: '1Gi' };
  const list = ['steady', 'faulty'].map(name => ({ name, uri: '.', version: '1', runtime: { python } }));
  writeFileSync(join(folder, 'models.json'), JSON.stringify(list));
  const args = ['serve', '--models', join(folder, 'models.json'), '--log-level', 'fatal', '--deadline', '5s'];
  const server = await startProgram(args);
  try {
    return await injured(server.url);
  } finally {
    await server.stop();
  }
}

async function injured(url: string): Promise<number> {
  const steady = new Load(`${url}/models/steady/predict`, 4);
  const faulty = new Load(`${url}/models/faulty/predict`, 2);
  const random = new Random(Number(values.seed), 'faults', 0);
  const times = new Map<Injury, number[]>(injuries.map(one => [one, []]));
  for (let count = 0; count < faults; count++) {
    const injury = injuries[random.below(injuries.length)] ?? 'exception';
    await injure(url, injury);
    times.get(injury)?.push(await recovered(`${url}/models/faulty/predict`));
  }
  const [of, beside] = [await faulty.stop(), await steady.stop()];
  for (const [injury, ms] of times)
    process.stdout.write(`${injury}: ${ms.length} times, well again ${told(ms)}\n`);
  process.stdout.write(
    `the model itself, beside that: ${of.right} right, ${of.failed} failed, each told why\n`,
  );
  process.stdout.write(`the other model: ${beside.right} right, ${beside.failed} failed\n`);
  for (const problem of [...of.odd, ...beside.odd].slice(0, 20)) process.stdout.write(`WRONG: ${problem}\n`);
  return beside.failed + beside.odd.length + of.odd.length === 0 ? 0 : 1;
}

/** Milliseconds. */
function told(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(0);
  return `after ${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ${at(1)} ms (most)`;
}
