/**
 * Servers under more than they can do: an open loop of requests at 0.5 to 3 times each server's own capacity, every latency
 * counted from when the request was due, and back to half of it at once.
 *
 *   node scripts/run.mjs bench/server/overload/run.ts [--quick] [--only SERVER,…] [--deadline MS] [--json FILE] …
 */
import { writeFileSync } from 'node:fs';
import { messageOf } from '#base';
import { endChildrenWithUs, type Server } from '../../measure/children.ts';
import { runProgram } from '../../measure/program.ts';
import { rotated } from '../../measure/statistics.ts';
import { installAll, needTools, versions } from '../setup.ts';
import { start, targetOf } from '../start.ts';
import { capacityOf } from './capacity.ts';
import { type Entry, entries } from './contestants.ts';
import { Loader } from './loader.ts';
import { watched } from './memory.ts';
import { ensureFile, models, type OverloadModel } from './models.ts';
import { type Plan, parsePlan, usage } from './plan.ts';
import { doubts, FULL, goodput, type Point, renderCapacities, renderModel } from './report.ts';

const serverCore = 0;
const clientCore = 1;
const warmUpSeconds = 2;
/** Half of what it can do, before an overload and after. */
const EASY = 0.5;
const leadSeconds = 2;
const tailSeconds = 3;

interface Outcome {
  readonly points: Point[];
  /** One sentence for each server that did not take part, or not to the end. */
  readonly faults: string[];
}

async function main(plan: Plan): Promise<void> {
  endChildrenWithUs();
  needTools();
  const outcome: Outcome = { points: [], faults: [] };
  const wanted = models.filter(({ name }) => plan.models.includes(name));
  const lists = wanted.map(model => ({ model, list: chosen(model, plan, outcome.faults) }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const { model, list } of lists)
      for (const entry of rotated(list, round)) await attempt({ entry, model, round, plan }, outcome);
  }
  const servers = lists.flatMap(({ list }) => list.map(({ contestant }) => contestant));
  const about = versions(servers);
  const names = [...new Set(servers.map(({ name }) => name))];
  process.stdout.write(`${renderOutcome(wanted, names, outcome)}\n\n${footnote(plan, about)}\n`);
  if (plan.json !== undefined)
    writeFileSync(plan.json, JSON.stringify({ plan, versions: about, ...outcome }));
}

/** The servers asked for that can be had; of the others it is said why. */
function chosen(model: OverloadModel, { only, deadlineMs }: Plan, faults: string[]): Entry[] {
  ensureFile(model);
  const named = entries(model, deadlineMs).filter(({ contestant }) => isChosen(contestant.name, only));
  const failures = installAll(named.map(({ contestant }) => contestant));
  return named.filter(({ contestant: { name, environment = '' } }) => {
    const fault = failures.get(environment);
    if (fault !== undefined) faults.push(`${name}, ${model.name}: ${fault}`);
    return fault === undefined;
  });
}

interface Turn {
  readonly entry: Entry;
  readonly model: OverloadModel;
  readonly round: number;
  readonly plan: Plan;
}

/** One server's turn. What goes wrong is told in the report, and the others have theirs. */
async function attempt(turn: Turn, { points, faults }: Outcome): Promise<void> {
  const { entry, model, round } = turn;
  try {
    await measure(turn, points);
  } catch (error) {
    const fault = `${entry.contestant.name}, ${model.name}, round ${round + 1}: ${messageOf(error)}`;
    process.stderr.write(`bench: ${fault}\n`);
    faults.push(fault);
  }
}

async function measure({ entry, model, round, plan }: Turn, points: Point[]): Promise<void> {
  const { contestant, headers } = entry;
  const server = await start(contestant, [model], serverCore);
  try {
    const loader = new Loader(targetOf(contestant, server, model), headers, plan, clientCore);
    await loader.closed(8, warmUpSeconds);
    const capacity = await capacityOf(async clients => {
      await loader.rested();
      const { phases } = await loader.closed(clients, plan.seconds / 2);
      const [found] = phases;
      return found === undefined ? 0 : found.inTime / found.seconds;
    });
    const about = { server: entry.contestant.name, model: model.name, round, capacity: capacity.goodput };
    say(
      `${entry.contestant.name}, ${model.name}: ${capacity.goodput.toFixed(0)}/s (${capacity.clients} clients)`,
    );
    for (const factor of plan.points) {
      await loader.rested();
      const point = await load(server, loader, { ...about, factor }, plan);
      points.push(point);
      say(`  ${factor}×: goodput ${goodput(point).toFixed(2)}, p99 ${point.tally.p99Ms?.toFixed(1)} ms`);
    }
  } finally {
    await server.stop();
  }
}

type About = Pick<Point, 'server' | 'model' | 'round' | 'capacity' | 'factor'>;

async function load(server: Server, loader: Loader, about: About, plan: Plan): Promise<Point> {
  const { factor, capacity, round } = about;
  const isOver = factor > FULL;
  const over = { rate: factor * capacity, seconds: plan.seconds };
  const easy = EASY * capacity;
  const phases = isOver
    ? [{ rate: easy, seconds: leadSeconds }, over, { rate: easy, seconds: tailSeconds }]
    : [over];
  const [report, memory] = await watched(server.pid, async () =>
    loader.open(phases, isOver, plan.seed + round),
  );
  const tally = report.phases[isOver ? 1 : 0];
  if (tally === undefined) throw new Error('the generator told nothing');
  return { ...about, tally, memory, recoveredMs: report.recoveredMs };
}

function isChosen(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some(part => name.toLowerCase().includes(part));
}

function renderOutcome(
  wanted: readonly OverloadModel[],
  names: readonly string[],
  { points, faults }: Outcome,
): string {
  const sections = wanted.flatMap(({ name, about }) => {
    const own = names.flatMap(server => points.filter(one => one.model === name && one.server === server));
    if (own.length === 0) return [];
    const marks = doubts(own).map(line => `- † ${line}`);
    const tables = [`**${name}**: ${about}`, renderCapacities(own), renderModel(own)];
    return [...tables, ...(marks.length === 0 ? [] : [marks.join('\n')])];
  });
  const missing = faults.map(line => `- not measured: ${line}`).join('\n');
  return [...sections, ...(missing === '' ? [] : [missing])].join('\n\n');
}

function footnote({ rounds, seconds, deadlineMs, pattern }: Plan, about: readonly string[]): string {
  return (
    `Medians of ${rounds} rounds (min–max), the servers taking turns; ${pattern} arrivals for ${seconds} s a point, every latency from when the request was due. ` +
    `Goodput: answers within ${deadlineMs} ms. Capacity: the best goodput of a closed loop of 1 to 128 clients, in the same round. Late: of what was accepted, ` +
    `what took longer or was not answered while the client waited. *Normal again*: from when on, back at ${EASY}×, no more missed twice the p99 of before the overload (or 10 ms more, and never more than the deadline) than did before it, or 1 %. ` +
    `† not to be trusted, for the reason given above. Server on core ${serverCore}, generator on core ${clientCore}. ${about.join(' · ')}.`
  );
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

await runProgram(parsePlan, usage, main);
