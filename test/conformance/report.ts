/** The results as people read them. */
import type { Outcome } from './runner.ts';

/** A line for each case, and under it why; then the sums. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const lines = outcomes.flatMap(({ id, title, result, reason }) => {
    const why =
      reason === ''
        ? []
        : reason
            .split('\n')
            .filter(line => line.trim() !== '')
            .map(line => `           ${line}`);
    return [`${String(id).padStart(4)}  ${result.padEnd(4)}  ${title}`, ...why];
  });
  return `${[...lines, '', sumsOf(outcomes)].join('\n')}\n`;
}

function sumsOf(outcomes: readonly Outcome[]): string {
  const count = (wanted: Outcome['result']): number =>
    outcomes.filter(({ result }) => result === wanted).length;
  return `${outcomes.length} cases: ${count('pass')} pass, ${count('fail')} fail, ${count('skip')} skipped`;
}
