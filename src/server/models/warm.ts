import { asAppError, messageOf } from '#base';
import { joinInputs, splitOutputs } from '../batching/join.ts';
import type { RunTime } from '../batching/latency.ts';
import type { LoadedModel } from '../runtimes/port.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';
import { elementCount, sameShape, type Tensor, type TensorData, type TensorSpec } from '../tensors/tensor.ts';
import { type Measuring, measure } from './measure.ts';
import { repeated, sample, sizesOf, type Trial, trials } from './samples.ts';

/** What warming up found out. */
export interface Warmth {
  /** What runs took, by their rows, where that was measured. */
  readonly measured?: readonly RunTime[];
  /** Whether rows may share a run. */
  readonly batched: boolean;
  /** Why they may not, although the shapes allow it. */
  readonly because?: string;
  /** What the model failed with when it was tried first, if it answered to nothing that was tried. */
  readonly failed?: string;
  /** Of each input, a shape that the model answers to, or the first tried; of one row where there are rows. */
  readonly shapes: readonly (readonly number[])[];
}

/** Answers of one row alone and beside another may differ by rounding, in proportion to the largest element. */
const TOLERANCE = 1e-4;

/**
 * Runs a model before anyone depends on it: first one row, then, where the shapes allow batches, two different rows
 * alone and together. Only when both ways agree do rows share runs: a shape cannot tell that a model normalises or sorts
 * over its batch, an answer can. A model may be sound and yet refuse all that can be made up without knowing it, zeros as
 * a divisor, a step or a list of axes: such a model is not batched.
 */
export async function warmUp(model: LoadedModel, measuring?: Measuring): Promise<Warmth> {
  const run = await firstRun(model);
  const shapes = run.first.map(({ shape }) => shape);
  if ('failed' in run) return { batched: false, failed: run.failed, shapes };
  const { ms } = run;
  const found = model.signature.batched ? await independence(model, run) : { batched: false };
  if (measuring === undefined) return { ...found, shapes };
  const maxRows = found.batched ? measuring.maxRows : 1;
  const measured = await measure(model, run.first, ms, { ...measuring, maxRows });
  return { ...found, shapes, measured };
}

type Independence = Pick<Warmth, 'batched' | 'because'>;

async function independence(model: LoadedModel, { trial, first, answer }: FirstRun): Promise<Independence> {
  const second = model.signature.inputs.map(spec => sample(spec, trial, 1));
  try {
    return await compare(model, { first, answer, second });
  } catch (error: unknown) {
    // A sample of ones can be out of range, of an embedding's indices for example: then both rows are the first.
    const once = await compare(model, { first, answer, second: first }).catch(asAppError);
    return 'batched' in once
      ? once
      : { batched: false, because: `two rows together fail: ${asAppError(error).message}` };
  }
}

const SMALLEST: Trial = { size: 1, rank: 1 };

interface FirstRun {
  readonly trial: Trial;
  readonly first: readonly Tensor[];
  readonly answer: readonly Tensor[];
  /** What it took. */
  readonly ms: number;
}

type NoRun = Pick<FirstRun, 'first'> & { readonly failed: string };

/** The first run that the model answers to, or else the very first. */
async function firstRun(model: LoadedModel): Promise<FirstRun | NoRun> {
  const run = await attempt(model, SMALLEST);
  if (!('failed' in run)) return run;
  for (const trial of largerTrials(model.signature.inputs)) {
    const larger = await attempt(model, trial);
    if (!('failed' in larger)) return larger;
  }
  return run;
}

async function attempt(model: LoadedModel, trial: Trial): Promise<FirstRun | NoRun> {
  const first = model.signature.inputs.map(spec => sample(spec, trial, 0));
  try {
    const answer = await model.run(repeated(first, 1));
    return { trial, first, answer, ms: model.lastMs ?? 0 };
  } catch (error: unknown) {
    return { first, failed: messageOf(error) };
  }
}

function largerTrials(inputs: readonly TensorSpec[]): Trial[] {
  const anyRank = inputs.some(({ unknownRank }) => unknownRank);
  const anySize = anyRank || inputs.some(({ shape }) => shape.slice(1).includes(-1));
  const ranks = anyRank ? trials.ranks : [SMALLEST.rank];
  const sizes = anySize ? trials.sizes : [SMALLEST.size];
  const larger = sizes.flatMap(size => ranks.map(rank => ({ size, rank }))).slice(1);
  return larger.filter(trial => inputs.every(spec => elementCount(sizesOf(spec, trial)) <= trials.elements));
}

interface Rows {
  readonly first: readonly Tensor[];
  readonly answer: readonly Tensor[];
  readonly second: readonly Tensor[];
}

async function compare(model: LoadedModel, { first, answer, second }: Rows): Promise<Independence> {
  const alone = await model.run(repeated(second, 1));
  const [one, two] = splitOutputs(await model.run(joinInputs([first, second])), [1, 1]);
  const same = agree(one ?? [], answer) && agree(two ?? [], alone);
  return same
    ? { batched: true }
    : { batched: false, because: "a row's answer depends on the rows beside it" };
}

function agree(together: readonly Tensor[], alone: readonly Tensor[]): boolean {
  return together.every((tensor, index) => {
    const other = alone[index];
    return other !== undefined && sameShape(tensor.shape, other.shape) && close(tensor.data, other.data);
  });
}

function close(a: TensorData, b: TensorData): boolean {
  if (a instanceof ByteStrings)
    return a.starts.every((_, index) => a.at(index).equals((b as ByteStrings).at(index)));
  const others = b as Exclude<TensorData, ByteStrings>;
  if (!(a instanceof Float32Array || a instanceof Float64Array))
    return a.every((value, index) => value === others[index]);
  const tolerance = TOLERANCE * largest(a);
  for (const [index, value] of a.entries()) {
    const other = Number(others[index]);
    if (!Object.is(value, other) && !(Math.abs(value - other) <= tolerance)) return false;
  }
  return true;
}

/** The largest finite magnitude. */
function largest(data: Float32Array | Float64Array): number {
  let most = 0;
  for (const value of data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}
