/** Triton's `model_warmup` as samples that a model must answer. Source: its model_config.proto. */
import type { WarmupInput, WarmupSample } from '../../models/warmup-sample.ts';
import { elementCount } from '../../tensors/tensor.ts';
import type { Ledger } from '../ledger.ts';
import type { Config } from './config.ts';
import { datatypeOf, isFileName, knownDatatype } from './tensors.ts';

/** Elements of one input of a sample. */
const MOST_ELEMENTS = 2 ** 25;
const MOST_COUNT = 1000;

type Warmup = Config['model_warmup'][number];
type Inputs = Warmup['inputs'];
type Input = Inputs extends ReadonlyMap<string, infer I> ? I : never;

/** `batched` says whether dims leave the batch out. Files are names in the `warmup` folder of the model. */
export function warmupSamples(config: Config, ledger: Ledger, batched: boolean): readonly WarmupSample[] {
  return config.model_warmup.flatMap((warmup, index) => {
    const path = `model_warmup[${index}]`;
    for (const field of ['', '.name', '.batch_size', '.count']) ledger.use(`${path}${field}`);
    if (warmup.batch_size === 0) return nothing(path, ledger);
    return [sampleOf(warmup, path, { ledger, rows: batched ? rowsOf(warmup, path, ledger) : undefined })];
  });
}

function nothing(path: string, ledger: Ledger): readonly WarmupSample[] {
  ledger.useAll(path);
  ledger.note(path, 'its batch_size is 0, and a sample of no rows is not run');
  return [];
}

/** A file holds one row. */
function rowsOf({ batch_size: rows, inputs }: Warmup, path: string, ledger: Ledger): number {
  const hasFile = [...inputs.values()].some(({ input_data_type: data }) => data?.case === 'input_data_file');
  if (!hasFile || rows === 1) return rows;
  ledger.note(`${path}.batch_size`, 'a sample from a file is run with one row');
  return 1;
}

interface Surroundings {
  readonly ledger: Ledger;
  /** Undefined where there is no batch. */
  readonly rows: number | undefined;
}

function sampleOf(
  { name, inputs, count, batch_size }: Warmup,
  path: string,
  { ledger, rows }: Surroundings,
): WarmupSample {
  if (rows === undefined && batch_size > 1)
    ledger.refuse(`${path}.batch_size`, 'must be 1, since max_batch_size is 0');
  if (count > MOST_COUNT) ledger.note(`${path}.count`, `${MOST_COUNT} is the most here, and taken`);
  return {
    name: name === '' ? path : name,
    count: Math.min(Math.max(1, count), MOST_COUNT),
    inputs: Array.from(inputs, ([input, value]) =>
      inputOf(input, value, { path: `${path}.inputs[${JSON.stringify(input)}]`, ledger, rows }),
    ),
  };
}

function inputOf(
  name: string,
  { data_type, dims, input_data_type: data }: Input,
  { path, ledger, rows }: Surroundings & { readonly path: string },
): WarmupInput {
  for (const field of ['', '.data_type', '.dims']) ledger.use(`${path}${field}`);
  const sizes = Array.from(dims, Number);
  const shape = rows === undefined ? sizes : [rows, ...sizes];
  const given = knownDatatype(datatypeOf(data_type, `${path}.data_type`, ledger));
  if (given === undefined) ledger.refuse(`${path}.data_type`, 'is not one of OIP/V2');
  if (sizes.some(size => size < 0)) ledger.refuse(`${path}.dims`, 'must be sizes, none of them free');
  else if (elementCount(shape) > MOST_ELEMENTS)
    ledger.refuse(`${path}.dims`, `comes to more than ${MOST_ELEMENTS} elements`);
  const datatype = given ?? 'FP32';
  return { name, datatype, shape, data: dataOf(data, datatype, { path, ledger }) };
}

function dataOf(
  data: Input['input_data_type'],
  datatype: WarmupInput['datatype'],
  { path, ledger }: { readonly path: string; readonly ledger: Ledger },
): WarmupInput['data'] {
  if (data === undefined) {
    ledger.refuse(path, 'must say zero_data, random_data or input_data_file');
    return 'zero';
  }
  ledger.use(`${path}.${data.case}`);
  if (data.case === 'zero_data') return 'zero';
  // As Triton has it, which makes up no strings.
  if (data.case === 'random_data') return datatype === 'BYTES' ? 'zero' : 'random';
  if (!isFileName(data.value))
    ledger.refuse(`${path}.${data.case}`, "must be the name of a file in the folder 'warmup'");
  return { file: data.value };
}
