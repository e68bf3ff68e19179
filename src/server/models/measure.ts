/** How long a model takes, found out by running it on what was made up. */
import type { Clock } from '#base';
import type { RunTime } from '../batching/latency.ts';
import type { LoadedModel } from '../runtimes/port.ts';
import { elementCount, type Tensor } from '../tensors/tensor.ts';
import { repeated } from './samples.ts';

/** For all measuring of a model together. Milliseconds. */
const BUDGET_MS = 200;

/** Runs of one size: the middle one counts. */
const RUNS = 3;

/** Elements of the inputs of one run, at most. */
const MOST_ELEMENTS = 2 ** 25;

export interface Measuring {
  readonly clock: Clock;
  /** 1 when rows do not share a run. */
  readonly maxRows: number;
}

/**
 * Runs with 1, 2, 4 … rows up to `maxRows`, while the time for it lasts. `row` is one that the model answers to, `firstMs`
 * what its very first run took: a model so slow is not run again for this.
 */
export async function measure(
  model: LoadedModel,
  row: readonly Tensor[],
  firstMs: number,
  { clock, maxRows }: Measuring,
): Promise<readonly RunTime[]> {
  if (firstMs > BUDGET_MS) return [{ rows: 1, ms: firstMs }];
  const until = clock.now() + BUDGET_MS;
  const measured: RunTime[] = [];
  for (const rows of sizes(row, maxRows)) {
    const doubled = 2 * (measured.at(-1)?.ms ?? 0);
    if (clock.now() + doubled > until) break;
    const times: number[] = [];
    while (times.length < RUNS && (times.length === 0 || clock.now() < until))
      times.push(await timed(model, repeated(row, rows), clock));
    measured.push({ rows, ms: middle(times) });
  }
  return measured;
}

function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
}

/** Milliseconds of one run. */
async function timed(model: LoadedModel, inputs: readonly Tensor[], clock: Clock): Promise<number> {
  const since = clock.now();
  await model.run(inputs);
  return model.lastMs ?? clock.now() - since;
}

/** Powers of two, and the most. */
function sizes(row: readonly Tensor[], maxRows: number): number[] {
  const elements = row.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const most = Math.max(1, Math.min(maxRows, Math.floor(MOST_ELEMENTS / Math.max(1, elements))));
  const powers = Array.from({ length: Math.ceil(Math.log2(most)) }, (_, power) => 2 ** power);
  return [...powers, most];
}
