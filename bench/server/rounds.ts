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
    const rounds = suite === 'mlp' ? plan.rounds : plan.heavy.rounds;
    const failed = new Set<Contestant>();
    const turn = turnOf(suite, plan, findings.samples);
    const asked = contestants.filter(contestant => modelsOf(suite).every(model => contestant.door(model)));
    for (let round = 0; round < rounds; round++) {
      for (const contestant of rotated(asked, round)) {
        if (failed.has(contestant)) continue;
        const why = await taken(turn, contestant, `${suite}: round ${round + 1} of ${rounds}`, round);
        if (why === undefined) continue;
        failed.add(contestant);
        findings.failures.push({ server: contestant.name, suite, why });
      }
    }
  }
}

function modelsOf(suite: Suite): readonly Model[] {
  return { mlp: [digits], cnn: [cnn], bert: [bert], mixed: [digits, cnn] }[suite];
}

/** The reason when a turn failed. */
async function taken(
  turn: Turn,
  contestant: Contestant,
  when: string,
  round: number,
): Promise<string | undefined> {
  try {
    const told = await turn(contestant, round);
    process.stderr.write(`bench: ${when}: ${contestant.name}: ${told}\n`);
    return undefined;
  } catch (error) {
    process.stderr.write(`bench: ${when}: ${contestant.name} failed: ${messageOf(error)}\n`);
    return messageOf(error);
  }
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
