/** All rounds of all that a plan measures: the servers take turns, and one that fails is left out from then on. */
import { messageOf } from '#base';
import { rotated } from '../measure/statistics.ts';
import { formatFigure } from '../measure/table.ts';
import type { Contestant } from './contestant.ts';
import { bert, cnn, digits, type Model } from './models.ts';
import type { Plan, Suite } from './plan.ts';
import type { Samples } from './samples.ts';
import { heavyTurn, mixedTurn, mlpTurn } from './turns.ts';

/** What was measured so far, and why what was not was not. */
export interface Findings {
  readonly samples: Samples;
  readonly failures: Failure[];
}

export interface Failure {
  readonly server: string;
  readonly suite: Suite | 'install';
  readonly why: string;
}

/** A turn of one contestant; it tells its figures in few words. */
type Turn = (contestant: Contestant, round: number) => Promise<string>;

/** Measures all suites of a plan, each in rounds of its own. */
export async function measureAll(
  contestants: readonly Contestant[],
  plan: Plan,
  findings: Findings,
): Promise<void> {
  for (const suite of plan.suites) {
    const asked = contestants.filter(contestant => modelsOf(suite).every(model => contestant.door(model)));
    findings.failures.push(...(await measureSuite(suite, asked, plan, findings.samples)));
  }
}

/** Gives the failures. */
async function measureSuite(
  suite: Suite,
  contestants: readonly Contestant[],
  plan: Plan,
  samples: Samples,
): Promise<readonly Failure[]> {
  const turn = turnOf(suite, plan, samples);
  const rounds = suite === 'mlp' ? plan.rounds : plan.heavy.rounds;
  const failures = new Map<string, Failure>();
  for (let round = 0; round < rounds; round++) {
    for (const contestant of rotated(contestants, round).filter(({ name }) => !failures.has(name))) {
      const server = contestant.name;
      const told = await turn(contestant, round).catch((error: unknown) => {
        failures.set(server, { server, suite, why: messageOf(error) });
        return `failed: ${messageOf(error)}`;
      });
      process.stderr.write(`bench: ${suite}: round ${round + 1} of ${rounds}: ${server}: ${told}\n`);
    }
  }
  return [...failures.values()];
}

function modelsOf(suite: Suite): readonly Model[] {
  return { mlp: [digits], cnn: [cnn], bert: [bert], mixed: [digits, cnn] }[suite];
}

/** How a turn of a suite is taken. */
function turnOf(suite: Suite, plan: Plan, samples: Samples): Turn {
  if (suite === 'mlp')
    return async (contestant, round) => {
      const taken = await mlpTurn(contestant, round, plan);
      samples.mlp.push(...taken);
      return `${rates(taken)} requests/s`;
    };
  if (suite === 'mixed')
    return async (contestant, round) => {
      const taken = await mixedTurn(contestant, round, plan);
      samples.mixed.push(...taken);
      return taken
        .map(({ alone, beside }) => `p99 ${alone.p99Ms} ms alone, ${beside.p99Ms} ms beside`)
        .join();
    };
  return async (contestant, round) => {
    const taken = await heavyTurn(contestant, suite === 'bert' ? bert : cnn, round, plan);
    samples.heavy.push(...taken);
    return `${rates(taken)} requests/s of ${formatFigure(taken[0]?.ceiling ?? Number.NaN)}`;
  };
}

function rates(samples: readonly { readonly requestsPerSecond: number }[]): string {
  return samples.map(each => formatFigure(each.requestsPerSecond)).join(' / ');
}
