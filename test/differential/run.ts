/**
 * Sends the same requests to fairlead and to real peers, and keeps docs/compatibility.md equal to what differs.
 *
 *   node scripts/run.mjs test/differential/run.ts [--write] [--may-skip]
 *
 * Fails when a difference has no reason, a reason explains nothing, fairlead answers with a status it should not, or the
 * page is not what this would write. `--write` writes the page. `--may-skip` makes a peer that cannot be had no failure.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../programs/fairlead.ts';
import { compared } from './comparison.ts';
import { contests } from './contests.ts';
import { page } from './page.ts';
import { startFairlead } from './peers/fairlead.ts';
import { codeOf } from './peers/python.ts';

const PAGE = join(root, 'docs', 'compatibility.md');
const folder = mkdtempSync(join(tmpdir(), 'fairlead-differential-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
// Ends as if by itself, so that what is to be done at the end is done.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const flags = new Set(process.argv.slice(2));
process.exitCode = await codeOf(run, flags.has('--may-skip'));

/** The exit code. */
async function run(): Promise<number> {
  const found = [];
  for (const contest of contests) {
    // A fairlead for each peer: both have seen the same requests, so their statistics can be compared.
    const fairlead = await startFairlead(folder);
    try {
      found.push(await compared(contest, fairlead, models => contest.start(folder, models)));
    } finally {
      await fairlead.stop();
    }
  }
  const text = page(
    readFileSync(join(import.meta.dirname, 'introduction.md'), 'utf8'),
    found.map(({ comparison }) => comparison),
  );
  const faults = [...new Set([...found.flatMap(one => one.faults), ...staleness(text)])];
  for (const fault of faults) process.stdout.write(`fault: ${fault}\n`);
  const requests = found.reduce((sum, one) => sum + one.requests, 0);
  process.stdout.write(`${requests} requests, ${faults.length} faults\n`);
  return faults.length === 0 ? 0 : 1;
}

function staleness(text: string): string[] {
  if (flags.has('--write')) writeFileSync(PAGE, text);
  return committed() === text
    ? []
    : ['docs/compatibility.md is not what this writes: run it with --write and look at what changes'];
}

function committed(): string | undefined {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    // A page that is missing is as stale as one that differs.
    return undefined;
  }
}
