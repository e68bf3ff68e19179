/**
 * fairlead against the FastAPI + PyTorch server of an article and against node:http answering a constant:
 * the same network, request, client and core, in rounds that take turns.
 *
 *   node scripts/run.mjs bench/server/run.ts [--quick] [--rounds N] [--seconds S] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { messageOf } from '#base';
import { endChildrenWithUs, runCommand, type Server } from '../measure/children.ts';
import { rotated } from '../measure/statistics.ts';
import { cpuSeconds, residentBytes } from '../measure/usage.ts';
import { type Contestant, checkAnswers, contestants, pinned, predictUrl, start } from './contestants.ts';
import { places } from './places.ts';
import { type Plan, parsePlan, usage } from './plan.ts';
import { renderReport, type Sample } from './report.ts';
import { setUp, versions } from './setup.ts';
import { type LoadResult, parseWrk, wrkCommand } from './wrk.ts';

const serverCore = 0;
const clientCore = 1;
/** Long enough for a just-in-time compiler to have seen tens of thousands of requests; every server gets it. */
const warmUpSeconds = 4;

async function main(plan: Plan): Promise<void> {
  endChildrenWithUs();
  setUp();
  const all = contestants();
  const samples: Sample[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    for (const contestant of rotated(all, round)) samples.push(...(await measure(contestant, round, plan)));
  }
  const report = { servers: all.map(({ name }) => name), connections: plan.connections, samples };
  const about = versions();
  process.stdout.write(`${renderReport(report)}\n\n${footnote(plan, about)}\n`);
  if (plan.json !== undefined) writeFileSync(plan.json, JSON.stringify({ plan, versions: about, samples }));
}

/** One contestant's turn in a round: a fresh process, checked and warmed up, then each number of connections. */
async function measure(contestant: Contestant, round: number, plan: Plan): Promise<Sample[]> {
  const server = await start(pinned(contestant, serverCore));
  try {
    if (contestant.predicts) await checkAnswers(server);
    await load(server, 32, warmUpSeconds);
    const samples: Sample[] = [];
    for (const connections of plan.connections)
      samples.push(await sample(server, connections, { round, plan }));
    const rates = samples.map(each => Math.round(each.requestsPerSecond)).join(' / ');
    process.stderr.write(
      `bench: round ${round + 1} of ${plan.rounds}: ${contestant.name}: ${rates} requests/s\n`,
    );
    return samples;
  } finally {
    await server.stop();
  }
}

interface Turn {
  readonly round: number;
  readonly plan: Plan;
}

async function sample(server: Server, connections: number, { round, plan }: Turn): Promise<Sample> {
  const before = cpuSeconds(server.pid);
  const result = await load(server, connections, plan.seconds);
  const cpuUs = ((cpuSeconds(server.pid) - before) / result.requests) * 1e6;
  const memory = residentBytes(server.pid);
  return { server: server.name, round, connections, ...result, cpuUs, residentBytes: memory };
}

async function load(server: Server, connections: number, seconds: number): Promise<LoadResult> {
  const command = wrkCommand(
    { url: predictUrl(server), connections, seconds, body: places.request },
    clientCore,
  );
  return parseWrk(await runCommand(command, (seconds + 30) * 1000));
}

function footnote({ rounds, seconds }: Plan, about: readonly string[]): string {
  return (
    `Medians of ${rounds} rounds of ${seconds} s (min–max) after ${warmUpSeconds} s of warm-up, the servers taking turns; latency, CPU and memory at c=32. ` +
    `Server on core ${serverCore}, wrk -t1 on core ${clientCore}, one row of the digits MLP a request. ${about.join(' · ')}.`
  );
}

function readPlan(): Plan {
  try {
    return parsePlan(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n${usage}\n`);
    return process.exit(2);
  }
}

const plan = readPlan();
try {
  await main(plan);
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 3;
}
