/**
 * fairlead against the FastAPI + PyTorch server of an article and against node:http answering a constant:
 * the same network, request, client and core, in rounds that take turns.
 *
 *   node scripts/run.mjs bench/server/run.ts [--quick] [--rounds N] [--seconds S] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { messageOf } from '#base';
import { endChildrenWithUs, runCommand } from '../measure/children.ts';
import { rotated } from '../measure/statistics.ts';
import { cpuSeconds, residentBytes } from '../measure/usage.ts';
import { type Contestant, checkAnswers, contestants, pinned, start } from './contestants.ts';
import { type Plan, parsePlan, usage } from './plan.ts';
import { renderReport, type Sample } from './report.ts';
import { setUp, versions } from './setup.ts';
import { checkSuccesses, successes } from './successes.ts';
import { type Load, traffics } from './traffic.ts';
import type { LoadResult } from './wrk.ts';

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
  const report = {
    servers: all.map(({ name }) => name),
    baselines: ['FastAPI + PyTorch', 'node:http, constant answer'],
    connections: plan.connections,
    samples,
  };
  const about = versions();
  process.stdout.write(`${renderReport(report)}\n\n${footnote(plan, about)}\n`);
  if (plan.json !== undefined) writeFileSync(plan.json, JSON.stringify({ plan, versions: about, samples }));
}

/** One contestant's turn in a round: a fresh process, checked and warmed up, then each number of connections. */
async function measure(contestant: Contestant, round: number, plan: Plan): Promise<Sample[]> {
  const server = await start(pinned(contestant, serverCore));
  try {
    if (contestant.predicts) await checkAnswers(server, contestant.form);
    await load(contestant, { server, connections: 32, seconds: warmUpSeconds });
    const samples: Sample[] = [];
    for (const connections of plan.connections)
      samples.push(await sample(contestant, { server, connections, seconds: plan.seconds }, round));
    const rates = samples.map(each => Math.round(each.requestsPerSecond)).join(' / ');
    process.stderr.write(
      `bench: round ${round + 1} of ${plan.rounds}: ${contestant.name}: ${rates} requests/s\n`,
    );
    return samples;
  } finally {
    await server.stop();
  }
}

async function sample(contestant: Contestant, wanted: Load, round: number): Promise<Sample> {
  const { server, connections } = wanted;
  const before = cpuSeconds(server.pid);
  const result = await load(contestant, wanted);
  const cpuUs = ((cpuSeconds(server.pid) - before) / result.requests) * 1e6;
  const memory = residentBytes(server.pid);
  return { server: server.name, round, connections, ...result, cpuUs, residentBytes: memory };
}

/** Loads a server, and believes its own count of what succeeded more than the client's. */
async function load({ form }: Contestant, wanted: Load): Promise<LoadResult> {
  const traffic = traffics[form];
  const before = await successes(wanted.server);
  const printed = await runCommand(traffic.command(wanted, clientCore), (wanted.seconds + 30) * 1000);
  const result = traffic.read(printed);
  checkSuccesses(result, before, await successes(wanted.server));
  return result;
}

function footnote({ rounds, seconds }: Plan, about: readonly string[]): string {
  return (
    `Medians of ${rounds} rounds of ${seconds} s (min–max) after ${warmUpSeconds} s of warm-up, the servers taking turns; latency, CPU and memory at c=32. ` +
    `Server on core ${serverCore}, wrk -t1 (h2load for gRPC, over at most 4 connections) on core ${clientCore}, one row of the digits MLP a request. ${about.join(' · ')}.`
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
