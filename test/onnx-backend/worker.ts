/** Examines the cases it is sent, in a process of its own: a model that ends the process ends only this one. */
import { backendCases } from './data.ts';
import { examine } from './examine.ts';
import type { Verdict } from './verdict.ts';

/** What a worker tells: the case it looks at from now on, or how a batch went. */
export type Told = { readonly at: string } | { readonly verdicts: readonly Verdict[] };

/** Models of one server. */
const BATCH = 60;

process.once('message', (names: readonly string[]) => void work(new Set(names)));

async function work(names: ReadonlySet<string>): Promise<void> {
  const cases = backendCases().filter(({ name }) => names.has(name));
  for (let from = 0; from < cases.length; from += BATCH) {
    const verdicts = await examine(cases.slice(from, from + BATCH), name => tell({ at: name }));
    tell({ verdicts });
  }
  process.disconnect();
}

function tell(told: Told): void {
  process.send?.(told);
}
