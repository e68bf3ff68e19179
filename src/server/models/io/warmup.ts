import { open, stat } from 'node:fs/promises';
import { failure, messageOf } from '#base';
import type { LoadedModel } from '../../runtimes/port.ts';
import { readRaw } from '../../tensors/raw.ts';
import { elementCount, type Tensor } from '../../tensors/tensor.ts';
import { madeUp } from '../samples.ts';
import { type ServedModel, toRequest } from '../signature.ts';
import type { WarmupInput, WarmupSample } from '../warmup-sample.ts';

/** Bytes of a file of one input. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Asks a model what it must be able to answer before it is ready: data of the user's, where what is made up says little. Throws
 * `warmup_failed`.
 */
export async function runSamples(
  model: LoadedModel,
  served: ServedModel,
  samples: readonly WarmupSample[],
): Promise<void> {
  for (const sample of samples) {
    try {
      for (let run = 0; run < sample.count; run++) await runSample(model, served, sample);
    } catch (error: unknown) {
      const facts = { model: served.name, sample: sample.name, problem: messageOf(error) };
      throw failure('warmup_failed', facts, error);
    }
  }
}

/** A run consumes its inputs, so each has its own. */
async function runSample(model: LoadedModel, served: ServedModel, sample: WarmupSample): Promise<void> {
  const given = [];
  for (const input of sample.inputs)
    given.push({ name: input.name, tensor: await tensorOf(input), at: ['inputs', input.name] });
  await model.run(toRequest(served, given, ['inputs']).inputs);
}

async function tensorOf(input: WarmupInput): Promise<Tensor> {
  const { name, datatype, shape, data } = input;
  if (typeof data === 'string')
    return { datatype, shape, data: madeUp(datatype, elementCount(shape), data === 'random') };
  const bytes = await bytesOf(data.file);
  return { datatype, shape, data: readRaw(bytes, { name, datatype, shape, at: ['inputs', name] }) };
}

async function bytesOf(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`);
  const file = await open(path, 'r');
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}
