/**
 * How soon a server answers, what it holds when idle, and how long `--help` takes. Nothing is pinned: this is what
 * a person waits for.
 *
 *   node scripts/run.mjs bench/start/run.ts [--rounds N]
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '#base';
import { type Command, endChildrenWithUs, runCommand } from '../measure/children.ts';
import { rotated, spreadOf } from '../measure/statistics.ts';
import { formatSpread, renderTable } from '../measure/table.ts';
import { residentBytes } from '../measure/usage.ts';
import type { Contestant } from '../server/contestant.ts';
import { contestants, FAIRLEAD, FLOOR } from '../server/contestants.ts';
import { digits } from '../server/models.ts';
import { places } from '../server/places.ts';
import { installAll, needTools, versions } from '../server/setup.ts';
import { start } from '../server/start.ts';

const idleMs = 3_000;
const compared = [FAIRLEAD, 'FastAPI + PyTorch', FLOOR];

interface Start {
  readonly name: string;
  readonly answerMs: number;
  readonly idleBytes: number;
}

async function main(rounds: number): Promise<void> {
  endChildrenWithUs();
  needTools();
  const all = contestants.filter(({ name }) => compared.includes(name));
  for (const why of installAll(all).values()) throw new Error(why);
  for (const contestant of all) await measureStart(contestant); // Warms the disk cache; not counted.
  const starts: Start[] = [];
  const helps: number[] = [];
  const bares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contestant of rotated(all, round)) starts.push(await measureStart(contestant));
    helps.push(await timed({ name: 'fairlead --help', argv: [join(places.root, 'fairlead'), '--help'] }));
    bares.push(await timed({ name: 'node', argv: [process.execPath, '-e', '0'] }));
    process.stderr.write(`bench: round ${round + 1} of ${rounds} done\n`);
  }
  const servers = all.map(({ name }) =>
    rowOf(
      name,
      starts.filter(each => each.name === name),
    ),
  );
  const commands = [
    ['`./fairlead --help`', formatSpread(spreadOf(helps))],
    ['`node -e 0`', formatSpread(spreadOf(bares))],
  ];
  const tables = [
    renderTable(['server', 'first answer, ms after start', 'idle RSS, MB'], servers),
    renderTable(['command', 'ms'], commands),
    `Medians of ${rounds} starts on a warm disk (min–max). ${versions(all).join(' · ')}.`,
  ];
  process.stdout.write(`${tables.join('\n\n')}\n`);
}

async function measureStart(contestant: Contestant): Promise<Start> {
  const begin = performance.now();
  const server = await start(contestant, [digits]);
  const answerMs = performance.now() - begin;
  try {
    await pause(idleMs);
    return { name: contestant.name, answerMs, idleBytes: residentBytes(server.pid) };
  } finally {
    await server.stop();
  }
}

async function timed(command: Command): Promise<number> {
  const begin = performance.now();
  await runCommand(command, 30_000);
  return performance.now() - begin;
}

function rowOf(name: string, starts: readonly Start[]): string[] {
  const answer = spreadOf(starts.map(each => each.answerMs));
  const idle = spreadOf(starts.map(each => each.idleBytes / 1e6));
  return [name, formatSpread(answer), formatSpread(idle)];
}

function parseRounds(args: string[]): number {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '7' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be at least 1, not '${values.rounds}'`);
  return rounds;
}

try {
  await main(parseRounds(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 3;
}
