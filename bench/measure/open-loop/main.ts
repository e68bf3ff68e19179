/**
 * The load generator as a process: a plan of `plan.ts` as JSON in, what came of it as JSON out.
 *
 *   taskset -c 1 node --conditions=source bench/measure/open-loop/main.ts PLAN
 */
import { readFileSync } from 'node:fs';
import { schedule } from './arrivals.ts';
import { closedLoop, openLoop, type Run, type Target } from './generator.ts';
import { type LoadPlan, type LoadReport, planSchema } from './plan.ts';
import { recoveryOf } from './recovery.ts';
import { type Part, tally } from './tally.ts';

const WARM = 32;
/** Less than what any server keeps an idle connection for. */
const IDLE_MS = 2000;

interface Measured {
  readonly run: Run;
  readonly parts: readonly Part[];
}

async function report(plan: LoadPlan): Promise<LoadReport> {
  const cpu = process.cpuUsage();
  const { run, parts } = await measure(plan);
  const { user, system } = process.cpuUsage(cpu);
  const phases = parts.map(part => tally(run.ledger, part, plan.deadlineMs));
  const asked = plan.load.kind === 'open' && plan.load.recovery;
  return {
    startedAt: run.startedAt,
    connections: run.connections,
    cpuUs: (user + system) / run.ledger.size,
    phases,
    recoveredMs: (asked ? recoveryOf(run.ledger, parts, plan.deadlineMs) : undefined) ?? null,
  };
}

async function measure(plan: LoadPlan): Promise<Measured> {
  const { load } = plan;
  const target = targetOf(plan);
  if (load.kind === 'closed') {
    const run = await closedLoop(target, load.clients, load.seconds);
    // Until the last answer: the server was busy to the end, and what it still had to answer counts too.
    const until = run.ledger.done
      .subarray(0, run.ledger.size)
      .reduce((last, done) => Math.max(last, done), 1);
    return { run, parts: [{ first: 0, end: run.ledger.size, seconds: until / 1000, until }] };
  }
  const { at, starts } = schedule(load.phases, load.pattern, load.seed);
  let until = 0;
  const parts = load.phases.map(({ seconds }, index) => {
    until += seconds * 1000;
    return { first: starts[index] ?? 0, end: starts[index + 1] ?? 0, seconds, until };
  });
  return { run: await openLoop(target, at), parts };
}

function targetOf({ url, headers, body, sign, ...given }: LoadPlan): Target {
  const { hostname, port, host, pathname, search } = new URL(url);
  const content = readFileSync(body);
  const named = { ...headers, host, 'content-length': String(content.length) };
  const lines = Object.entries(named).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`;
  return {
    host: hostname,
    port: Number(port || '80'),
    bytes: Buffer.concat([Buffer.from(head), content]),
    sign,
    patienceMs: given.patienceMs,
    pauseMs: given.deadlineMs,
    bounds: { warm: Math.min(WARM, given.connections), most: given.connections, idleMs: IDLE_MS },
  };
}

const plan = planSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(JSON.stringify(await report(plan)));
