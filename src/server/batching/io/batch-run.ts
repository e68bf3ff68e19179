import { asAppError, type Clock } from '#base';
import type { Flush } from '#spec';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RunTimes } from '../../statistics/model-statistics.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { joinInputs, splitOutputs } from '../join.ts';
import type { Pending } from '../pending.ts';
import { RunNote } from '../run-note.ts';

export interface RunPorts {
  readonly model: LoadedModel;
  /** Whether requests may share a run. */
  readonly batched: boolean;
  readonly clock: Clock;
  /** Why it runs now. */
  readonly flush: Flush;
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
  const note = noteOf(batch, ports, alone);
  try {
    const outputs = await infer(batch, ports, { alone, note });
    const now = ports.clock.now();
    return () => answer(batch, outputs, now);
  } catch (error: unknown) {
    note?.fail(asAppError(error).code, ports.clock.now());
    if (batch.length === 1) return () => batch[0]?.reject(asAppError(error));
    await runHalves(batch, ports);
    return () => undefined;
  }
}

/** For those who want to know of it; mostly nobody does. */
function noteOf(
  batch: readonly Pending[],
  { model, clock, flush }: RunPorts,
  alone: boolean,
): RunNote | undefined {
  if (!batch.some(({ trail }) => trail !== undefined)) return undefined;
  const rows = batch.reduce((sum, { request }) => sum + request.rows, 0);
  const note = new RunNote({
    begun: clock.now(),
    requests: batch.length,
    rows,
    flush: alone ? 'alone' : flush,
    place: model.place,
  });
  for (const { trail } of batch) trail?.joined(note);
  return note;
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
  { alone, note }: { alone: boolean; note: RunNote | undefined },
): Promise<readonly (readonly Tensor[])[]> {
  const { model, batched, clock } = ports;
  const begun = clock.now();
  // A batch of several is a copy, so that a run may use its inputs up and each request still has its own.
  const inputs = joinInputs(batch.map(({ request }) => request.inputs));
  const joined = clock.now();
  const outputs = await model.run(inputs, note?.traceparents);
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
  if (note !== undefined)
    Object.assign(note, { joined, ran, split: ran + times.outputMs, modelMs: model.lastMs ?? 0 });
  ports.ran(total, times, alone);
  return parts;
}
