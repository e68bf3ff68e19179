import type { Reloaded, ReloadOptions } from './reload.ts';
import type { Phase, TrialOptions } from './trial.ts';

const MB = 1e6;

/** A trial as a table, and what is wrong with it. */
export function report(phases: readonly Phase[], options: TrialOptions): string {
  const { models, size, budget, seed } = options;
  const bound = budget === undefined ? 'no budget' : `a budget of ${budget / MB} MB`;
  const head = `${models} models of ${size / 1000} KB, ${bound}, seed ${seed}`;
  const rows = phases.map(row);
  return [
    head,
    '',
    line(['phase', 'requests', 'wrong', 'per s', 'p50 ms', 'p99 ms', 'loaded', 'peak MB']),
    ...rows,
  ].join('\n');
}

/** What came of loading a model again and again, in a sentence. */
export function reloadReport(reloaded: Reloaded, options: ReloadOptions): string {
  const { answered, resident } = reloaded;
  const failed = reloaded.faults.length;
  const [early, late] = resident.map(bytes => (bytes / MB).toFixed(0));
  const { reloads, clients } = options;
  return `${reloads} reloads under ${clients} clients: ${answered} answered, ${failed} failed; the server held ${early} MB after the first, ${late} MB after the last`;
}

function row({ title, outcomes, seconds, peak, loaded }: Phase): string {
  const times = outcomes.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const wrong = outcomes.filter(({ fault }) => fault !== undefined).length;
  const rate = Math.round(outcomes.length / seconds);
  const quantiles = [0.5, 0.99].map(part => quantile(times, part).toFixed(2));
  return line([title, outcomes.length, wrong, rate, ...quantiles, loaded, (peak / MB).toFixed(0)]);
}

function line([title = '', ...cells]: readonly (string | number)[]): string {
  return String(title).padEnd(40) + cells.map(cell => String(cell).padStart(9)).join('');
}

/** By nearest rank; NaN of nothing. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** What breaks the promise, one sentence each. The peak may be over the budget by a tenth. */
export function faults(phases: readonly Phase[], { budget }: TrialOptions): readonly string[] {
  const wrong = phases.flatMap(({ title, outcomes }) =>
    outcomes.flatMap(({ fault }) => (fault === undefined ? [] : [`${title}: ${fault}`])),
  );
  const peak = Math.max(...phases.map(phase => phase.peak));
  if (budget === undefined || peak <= budget * 1.1) return wrong;
  return [...wrong, `the server held ${(peak / MB).toFixed(0)} MB of ${budget / MB} MB`];
}
