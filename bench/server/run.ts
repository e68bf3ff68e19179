/**
 * fairlead against the servers that a user could pick instead and against node:http answering a constant: the same
 * models, requests, client and core, in rounds that take turns.
 *
 *   node scripts/run.mjs bench/server/run.ts [--quick] [--only NAME,…] [--models mlp,cnn,bert,mixed] [--rounds N]
 *     [--seconds S] [--json FILE] [--install]
 */
import { writeFileSync } from 'node:fs';
import { endChildrenWithUs } from '../measure/children.ts';
import { runProgram } from '../measure/program.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants.ts';
import { chosen, type Plan, parsePlan, usage } from './plan.ts';
import { renderReport } from './report.ts';
import { type Findings, measureAll } from './rounds.ts';
import { installAll, makeModels, needTools, versions } from './setup.ts';

async function main(plan: Plan): Promise<void> {
  endChildrenWithUs();
  needTools();
  const wanted = chosen(contestants, plan);
  const findings: Findings = {
    samples: { mlp: [], heavy: [], mixed: [] },
    failures: [],
  };
  const present = installed(wanted, findings);
  if (plan.suites.some(suite => suite !== 'mlp')) makeModels();
  const about = versions(present);
  if (plan.installOnly) {
    process.stdout.write(`${about.join('\n')}\n`);
    return;
  }
  await measureAll(present, plan, findings);
  process.stdout.write(`${renderReport({ contestants: present, plan, ...findings, versions: about })}\n`);
  if (plan.json !== undefined)
    writeFileSync(plan.json, JSON.stringify({ plan, versions: about, ...findings }));
}

/** Those whose environment can be had; the others are listed with their errors. */
function installed(wanted: readonly Contestant[], { failures }: Findings): readonly Contestant[] {
  const errors = installAll(wanted);
  const errorOf = ({ environment = '' }: Contestant): string | undefined => errors.get(environment);
  for (const contestant of wanted) {
    const why = errorOf(contestant);
    if (why !== undefined) failures.push({ server: contestant.name, suite: 'install', why });
  }
  return wanted.filter(contestant => errorOf(contestant) === undefined);
}

function readPlan(args: readonly string[]): Plan {
  const plan = parsePlan(args);
  chosen(contestants, plan);
  return plan;
}

await runProgram(readPlan, usage, main);
