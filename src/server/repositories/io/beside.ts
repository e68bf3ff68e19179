import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#base';
import type { WarmupSample } from '../../models/warmup-sample.ts';
import { elementSizes } from '../../tensors/raw.ts';
import { elementCount } from '../../tensors/tensor.ts';
import type { FilesBeside } from '../assemble.ts';
import type { TritonConfig } from '../triton/config.ts';

export interface Looked extends FilesBeside {
  /** What is wrong with them, one sentence each. */
  readonly problems: readonly string[];
}

/** Looks for the files that a configuration names in the folder of the model. */
export async function filesBeside(folder: string, { warmup, tensors }: TritonConfig): Promise<Looked> {
  const problems: string[] = [];
  const labelFiles: Record<string, string> = {};
  for (const [output, name] of Object.entries(tensors.labelFiles)) {
    const path = join(folder, name);
    labelFiles[output] = path;
    const found = await sizeOf(path);
    if (typeof found === 'string') problems.push(`the label file ${name} of output '${output}' ${found}`);
  }
  const samples: WarmupSample[] = [];
  for (const sample of warmup) samples.push(await placed(join(folder, 'warmup'), sample, problems));
  return { warmup: samples, labelFiles, problems };
}

type Input = WarmupSample['inputs'][number];

async function placed(folder: string, sample: WarmupSample, problems: string[]): Promise<WarmupSample> {
  const inputs: Input[] = [];
  for (const input of sample.inputs) {
    const { data } = input;
    if (typeof data === 'string') inputs.push(input);
    else {
      const file = join(folder, data.file);
      const problem = unfit(input, await sizeOf(file));
      if (problem !== undefined)
        problems.push(`the warm-up file ${data.file} of input '${input.name}' ${problem}`);
      inputs.push({ ...input, data: { file } });
    }
  }
  return { ...sample, inputs };
}

/** Strings have lengths of their own. */
function unfit({ datatype, shape }: Input, found: number | string): string | undefined {
  if (typeof found === 'string') return found;
  if (datatype === 'BYTES') return undefined;
  const expected = elementCount(shape) * elementSizes[datatype];
  return found === expected ? undefined : `has ${found} bytes, and its shape needs ${expected}`;
}

/** Bytes of a file, or what is wrong with it. */
async function sizeOf(path: string): Promise<number | string> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 'is not a file';
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read: ${messageOf(error)}`;
  }
}
