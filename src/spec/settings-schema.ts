/** How models run: for all of a server, with defaults, and for one model that is to run otherwise. */
import * as z from 'zod';
import { counts, largest, middlePriority, places, providers, readDuration, shortest } from './bounds.ts';
import { count, countOf, countOrAuto, duration, durationText, size, sizeText } from './fields.ts';
import { foreignRuntimes } from './foreign-schema.ts';
import { python } from './python-schema.ts';

const text = {
  threads: 'Threads that one inference uses (intra-op).',
  instances: 'Worker threads, each with a session of its own; auto is one for each core, within reason.',
  place: 'On the event loop (inline), or in worker threads; auto is decided by measurement at load.',
  provider: "ONNX Runtime's execution provider. What the installed library does not have fails at load.",
  maxRows: 'Rows that one run may hold; 1 turns batching off.',
  maxDelay: 'So long a batch that is not full may wait for more; 0ms never waits.',
  deadline: 'From the arrival of a request to its answer; one may ask for less, not for more.',
  rows: 'Rows that may wait for their turn; more are answered 429.',
  bytes: 'Bytes of inputs that may wait for their turn; more are answered 429.',
  levels: 'Priorities from 1, the most urgent, to this.',
  usual: 'The priority of a request that says none. Default: the middle one.',
} as const;

/** `server.batching`, `server.queue` and `server.priorities`, and `server.deadline`. */
export const serverSettings = {
  batching: z
    .strictObject({
      maxRows: count(counts.maxRows, 64).describe(text.maxRows),
      maxDelay: duration('0ms', shortest.maxDelay).describe(text.maxDelay),
    })
    .refine(isFillable, unfillable())
    .prefault({}),
  deadline: durationText(shortest.deadline)
    .optional()
    .describe(`${text.deadline} Default: the request time.`),
  queue: z
    .strictObject({
      rows: count(counts.queueRows, 65_536).describe(text.rows),
      bytes: size('256Mi', largest.memory).describe(text.bytes),
    })
    .prefault({}),
  priorities: priorities().prefault({ levels: 1 }),
};

/** `spec.runtime`. */
export const runtime = z.strictObject({
  onnx: z
    .strictObject({
      threads: count(counts.threads, 1).describe(text.threads),
      instances: countOrAuto(counts.instances).default('auto').describe(text.instances),
      place: z.enum(places).default('auto').describe(text.place),
      provider: z.enum(providers).default('cpu').describe(text.provider),
    })
    .refine(isPlaceable, unplaceable())
    .prefault({}),
  python: python.optional().describe('How models run that are not of ONNX, in processes of Python.'),
  ...foreignRuntimes,
});

/** The same for one model; what it leaves out is as its server has it. */
export const modelSettings = {
  batching: z
    .strictObject({
      maxRows: countOf(counts.maxRows).optional().describe(text.maxRows),
      maxDelay: durationText(shortest.maxDelay).optional().describe(text.maxDelay),
    })
    .refine(isFillable, unfillable())
    .optional(),
  deadline: durationText(shortest.deadline).optional().describe(text.deadline),
  queue: z
    .strictObject({
      rows: countOf(counts.queueRows).optional().describe(text.rows),
      bytes: sizeText(largest.memory).optional().describe(text.bytes),
    })
    .optional(),
  priorities: priorities().optional(),
  runtime: z
    .strictObject({
      onnx: z
        .strictObject({
          threads: countOf(counts.threads).optional().describe(text.threads),
          instances: countOrAuto(counts.instances).optional().describe(text.instances),
          place: z.enum(places).optional().describe(text.place),
          provider: z.enum(providers).optional().describe(text.provider),
        })
        .refine(isPlaceable, unplaceable())
        .optional(),
      python: python.optional(),
    })
    .optional(),
};

function priorities() {
  return z
    .strictObject({
      levels: countOf(counts.priorities).describe(text.levels),
      usual: countOf(counts.priorities).optional().describe(text.usual),
    })
    .refine(({ levels, usual = 1 }) => usual <= levels, {
      error: 'must be one of the levels',
      path: ['usual'],
    })
    .transform(({ levels, usual = middlePriority(levels) }) => ({ levels, usual }));
}

/** A run of one row has nothing to wait for. */
function isFillable({ maxRows, maxDelay }: { maxRows?: number | undefined; maxDelay?: string | undefined }) {
  const read = readDuration(maxDelay ?? '0ms');
  return maxRows !== 1 || !read.ok || read.value === 0;
}

function unfillable() {
  return { error: 'has no effect where maxRows is 1', path: ['maxDelay'] };
}

/** On the event loop there is no thread to have several of. */
function isPlaceable(onnx: { instances?: number | 'auto' | undefined; place?: string | undefined }): boolean {
  return onnx.place !== 'inline' || onnx.instances === undefined || onnx.instances === 'auto';
}

function unplaceable() {
  return { error: 'has no effect where place is inline', path: ['instances'] };
}
