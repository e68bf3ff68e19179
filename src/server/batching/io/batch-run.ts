import { asAppError, type Clock } from '#base';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RunTimes } from '../../statistics/model-statistics.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { joinInputs, splitOutputs } from '../join.ts';
import type { Pending } from '../pending.ts';

export interface RunPorts {
  readonly model: LoadedModel;
  /** Whether requests may share a run. */
  readonly batched: boolean;
  readonly clock: Clock;
  /** The model ran so many rows, and did not fail; `alone` when it did so after a batch of more had failed. */
  readonly ran: (rows: number, times: RunTimes, alone: boolean) => void;
}

/** Hands out what became of a run. */
type HandOut = () => void;

/**
 * Runs requests together. A failed batch is halved and tried again, so that only the request that is to blame fails, after
 * a few runs and not after one for each. Never rejects. The answers are handed out by whoever asked for the run: to write
 * them takes a while, in which the next run may be on its way.
 */
export async function runBatch(batch: readonly Pending[], ports: RunPorts, alone = false): Promise<HandOut> {
  try {
    const outputs = await infer(batch, ports, alone);
    const now = ports.clock.now();
    return () => answer(batch, outputs, now);
  } catch (error: unknown) {
    if (batch.length === 1) return () => batch[0]?.reject(asAppError(error));
    await runHalves(batch, ports);
    return () => undefined;
  }
}

function answer(batch: readonly Pending[], outputs: readonly (readonly Tensor[])[], now: number): void {
  for (const [index, pending] of batch.entries())
    if (pending.deadline < now) pending.expire();
    else pending.resolve(outputs[index] ?? []);
}

async function runHalves(batch: readonly Pending[], ports: RunPorts): Promise<void> {
  const half = Math.ceil(batch.length / 2);
  for (const part of [batch.slice(0, half), batch.slice(half)]) {
    // What expired or was left meanwhile wants no run of its own.
    const wanted = part.filter(({ settled }) => !settled);
    if (wanted.length === 0) continue;
    const handOut = await runBatch(wanted, ports, true);
    handOut();
  }
}

async function infer(
  batch: readonly Pending[],
  ports: RunPorts,
  alone: boolean,
): Promise<readonly (readonly Tensor[])[]> {
  const { model, batched, clock } = ports;
  const begun = clock.now();
  // A batch of several is a copy, so that a run may use its inputs up and each request still has its own.
  const inputs = joinInputs(batch.map(({ request }) => request.inputs));
  const joined = clock.now();
  const outputs = await model.run(inputs);
  const ran = clock.now();
  const rows = batch.map(({ request }) => request.rows);
  const parts = batched ? splitOutputs(outputs, rows) : [outputs];
  const times = { inputMs: joined - begun, inferMs: ran - joined, outputMs: clock.now() - ran };
  let total = 0;
  for (const pending of batch) {
    total += pending.request.rows;
    pending.times.inputMs = times.inputMs;
    pending.times.inferMs = times.inferMs;
    pending.times.outputMs = times.outputMs;
  }
  ports.ran(total, times, alone);
  return parts;
}
