/** The statistics extension, in JSON. */
import type { ServedStatistics } from '../../models/repository.ts';
import { type DurationSnapshot, NOTHING_SPENT } from '../../statistics/duration.ts';
import type { BatchSnapshot } from '../../statistics/model-statistics.ts';

/** The body of an answer. Nanoseconds are whole numbers of any size, which `JSON.stringify` would not write. */
export function statisticsText(statistics: readonly ServedStatistics[]): string {
  return `{"model_stats":[${statistics.map(modelText).join(',')}]}`;
}

function modelText(one: ServedStatistics): string {
  const { name, version, lastInference, inferenceCount, executionCount, batches } = one;
  return objectText({
    name: JSON.stringify(name),
    version: JSON.stringify(version),
    last_inference: lastInference,
    inference_count: inferenceCount,
    execution_count: executionCount,
    inference_stats: objectText({
      success: durationText(one.success),
      fail: durationText(one.fail),
      queue: durationText(one.queue),
      ...computeTexts(one),
      cache_hit: durationText(NOTHING_SPENT),
      cache_miss: durationText(NOTHING_SPENT),
    }),
    // Of models with several answers to a request, of which there are none.
    response_stats: '{}',
    batch_stats: `[${batches.map(batchText).join(',')}]`,
    memory_usage: '[]',
  });
}

function batchText(batch: BatchSnapshot): string {
  return objectText({ batch_size: batch.batchSize, ...computeTexts(batch) });
}

function computeTexts({
  computeInput,
  computeInfer,
  computeOutput,
}: Omit<BatchSnapshot, 'batchSize'>): Record<string, string> {
  return {
    compute_input: durationText(computeInput),
    compute_infer: durationText(computeInfer),
    compute_output: durationText(computeOutput),
  };
}

function durationText({ count, ns }: DurationSnapshot): string {
  return `{"count":${count},"ns":${ns}}`;
}

/** An object of members whose values are JSON already. */
function objectText(members: Readonly<Record<string, string | number>>): string {
  return `{${Object.entries(members)
    .map(([name, text]) => `"${name}":${text}`)
    .join(',')}}`;
}
