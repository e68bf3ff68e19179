/** Verdicts as a table of counts, and the names behind those that are not `passed`. */
import type { Verdict } from './verdict.ts';

const outcomes = ['passed', 'refused', 'excluded', 'failed'] as const;

export function report(verdicts: readonly Verdict[]): string {
  const counts = outcomes.map(
    outcome => [outcome, verdicts.filter(verdict => verdict.outcome === outcome).length] as const,
  );
  const passed = verdicts.filter(verdict => verdict.outcome === 'passed');
  const asReference = passed.filter(verdict => verdict.asReference).length;
  return [
    ...counts.map(([outcome, count]) => row(count, outcome)),
    row(verdicts.length, 'in all'),
    '',
    `Of the ${passed.length}, ONNX Runtime answers ${asReference} as ONNX's reference does.`,
    ...sections(verdicts),
  ].join('\n');
}

function row(count: number, what: string): string {
  return `${String(count).padStart(6)}  ${what}`;
}

/** One for each reason, the most frequent first, with the names of its cases. */
function sections(verdicts: readonly Verdict[]): string[] {
  const named = new Map<string, string[]>();
  for (const verdict of verdicts) {
    if (verdict.outcome === 'passed') continue;
    const title = `${verdict.outcome}: ${verdict.reason}`;
    named.set(title, [...(named.get(title) ?? []), verdict.name]);
  }
  const sorted = [...named].toSorted(([, a], [, b]) => b.length - a.length);
  return sorted.flatMap(([title, names]) => [
    '',
    row(names.length, title),
    ...names.map(name => `        ${name}`),
  ]);
}
