/** `runtime.python`: how models that a process of Python runs are loaded and run. */
import * as z from 'zod';
import { CLASS, counts, largest, NOT_A_CLASS, shortest } from './bounds.ts';
import { countOf, durationText, sizeText } from './fields.ts';

/** The names of datatypes in the protocols (OIP/V2's), as the server's tensors have them, whose threads load no schema. */
const datatypeNames = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

const MOST_TENSORS = 100;
const MOST_RANK = 8;
const MOST_PACKAGES = 100;

const line = z
  .string()
  .min(1, 'must not be empty')
  .max(500)
  .regex(/^[^\r\n\0]*$/, 'must be one line');

const tensors = z
  .array(
    z.strictObject({
      name: line,
      datatype: z.enum(datatypeNames),
      shape: z
        .array(z.int().min(-1))
        .max(MOST_RANK)
        .describe('-1 where a size is free; the first is that of rows.'),
    }),
  )
  .min(1, 'must name a tensor')
  .max(MOST_TENSORS)
  .refine(list => new Set(list.map(({ name }) => name)).size === list.length, 'names a tensor twice');

export const python = z.strictObject({
  interpreter: line.optional().describe('A program on PATH, or a path. Default: python3.'),
  class: z
    .string()
    .regex(CLASS, NOT_A_CLASS)
    .optional()
    .describe(
      "The author's class, of a module in the model's folder: load(path), then predict(inputs) with arrays by name. Of safetensors, the module that the weights belong to.",
    ),
  requirements: z
    .array(line)
    .max(MOST_PACKAGES)
    .optional()
    .describe('Packages, as pip has them, without which the model is not started. None is installed.'),
  allowUnsafeFormats: z
    .boolean()
    .optional()
    .describe('Also load files that run code while they are loaded, as pickles do. Default: false.'),
  trusted: z
    .array(line)
    .max(MOST_PACKAGES)
    .optional()
    .describe('Types that a file of skops may hold, beside those that skops trusts itself.'),
  inputs: tensors.optional().describe('What the model takes, where its file does not say.'),
  outputs: tensors.optional().describe('What it gives. Default: what its file says, or an answer shows.'),
  batched: z
    .boolean()
    .optional()
    .describe('Whether requests may share a run. Default: where the first size of each input is free.'),
  device: z
    .string()
    .regex(/^(cpu|cuda(:\d{1,3})?)$/, 'must be cpu, cuda or cuda:N')
    .optional()
    .describe('Where PyTorch computes. Default: cpu.'),
  threads: countOf(counts.threads).optional().describe('Threads that one process computes with. Default: 1.'),
  instances: countOf(counts.instances).optional().describe('Processes. Default: 1.'),
  memory: sizeText(largest.memory)
    .optional()
    .describe('Memory of its own that a process may have. Default: no limit but the machine.'),
  runTime: durationText(shortest.deadline)
    .optional()
    .describe(
      'A run that takes longer is ended, and its process started again. Default: the deadline, but no less than 10s.',
    ),
});

export type PythonOptions = Readonly<z.output<typeof python>>;
