/** The file's schema: the one source of types, defaults, messages and the JSON Schema that `fairlead schema` prints. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import type { Result } from '#base';
import {
  counts,
  fitsGrace,
  LABEL,
  NOT_A_DURATION,
  NOT_A_LABEL,
  NOT_A_SIZE,
  readDuration,
  readSize,
  shortest,
} from './bounds.ts';

const name = z
  .string()
  .max(40, 'is longer than 40 characters')
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, starting with a letter',
  )
  .describe('Names the service: a DNS label of at most 40 characters.');

const duration = (text: string, least: number) =>
  z
    .string(NOT_A_DURATION)
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: NOT_A_DURATION, abort: true })
    .superRefine(must(written => readDuration(written, least)))
    .default(text);

const size = (text: string) =>
  z
    .union([z.string().regex(/^\d+(k|M|G|Ki|Mi|Gi)?$/, NOT_A_SIZE), z.int().min(0, NOT_A_SIZE)], NOT_A_SIZE)
    .transform(String)
    .superRefine(must(readSize))
    .prefault(text);

const count = ({ least, most }: { least: number; most: number }, ordinary: number) =>
  z.int().min(least).max(most).default(ordinary);

/** A check by one of the readers that flags use too. */
function must(read: (written: string) => Result<number, string>) {
  return (written: string, context: z.RefinementCtx): void => {
    const result = read(written);
    if (!result.ok) context.addIssue({ code: 'custom', message: result.error });
  };
}

/** What cannot be read is a fault of its own, told at its own place. */
function isOver(delay: string, grace: string): boolean {
  const [spent, most] = [readDuration(delay, shortest.delay), readDuration(grace, shortest.grace)];
  return spent.ok && most.ok && !fitsGrace(spent.value, most.value);
}

const version = z
  .union([z.string().regex(LABEL, NOT_A_LABEL), z.int().min(0, NOT_A_LABEL)], NOT_A_LABEL)
  .transform(String)
  .describe('MODEL_VERSION. Default: the number of the version folder, otherwise the start of the digest.');

const model = z.strictObject({
  uri: z.string().min(1, 'must not be empty').describe('A path (relative to this file) or a file:// URI.'),
  name: z
    .string()
    .regex(LABEL, NOT_A_LABEL)
    .optional()
    .describe('MODEL_NAME: the name in the protocols. Default: the name of the service.'),
  version: version.optional(),
});

const runtime = z.strictObject({
  onnx: z
    .strictObject({
      threads: count(counts.threads, 1).describe('Threads that one inference uses (intra-op).'),
    })
    .prefault({}),
});

const server = z.strictObject({
  batching: z
    .strictObject({
      maxRows: count(counts.maxRows, 64).describe('Rows that one run may hold; 1 turns batching off.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body: size('128Mi').describe(
        'The largest request body, or gRPC message, after decompression. A large one of JSON is read in a thread of its own, so that others need not wait, and may need four times its size in memory.',
      ),
      inFlight: count(counts.inFlight, 512).describe('Requests accepted at once; more are answered 503.'),
      requestTime: duration('30s', shortest.requestTime).describe(
        'For a request to arrive whole; and again, at most so long it waits for its turn.',
      ),
    })
    .prefault({}),
  drain: z
    .strictObject({
      delay: duration('0s', shortest.delay).describe(
        'Still accepting after SIGTERM, while load balancers take notice.',
      ),
      grace: duration('30s', shortest.grace).describe('From SIGTERM to exit, at most; no less than 1s.'),
    })
    .refine(({ delay, grace }) => !isOver(delay, grace), {
      error: 'must be shorter than grace, which counts from the same moment',
      path: ['delay'],
    })
    .prefault({}),
});

const replicas = z.int().min(0).max(1000).default(1).describe('Server processes.');

const candidate = z.strictObject({
  model,
  weight: z.int().min(0).max(100).describe('Percent of requests that go to the candidate.'),
  replicas: replicas.describe("The candidate's server processes."),
});

export const modelService = z
  .strictObject({
    apiVersion: z.literal('fairlead.dev/v1alpha1').default('fairlead.dev/v1alpha1'),
    kind: z.literal('ModelService'),
    metadata: z.strictObject({ name }),
    spec: z.strictObject({
      model,
      candidate: candidate.optional().describe('A second revision, served beside the stable one.'),
      runtime: runtime.prefault({}),
      server: server.prefault({}),
      replicas,
    }),
  })
  .meta({
    title: 'ModelService',
    description: 'A model service: the same file on one machine and on Kubernetes.',
  });

/** A service file after parsing: every default is filled in. */
export type ModelService = Readonly<z.output<typeof modelService>>;
export type ModelSource = ModelService['spec']['model'];
export type RuntimeOptions = ModelService['spec']['runtime'];
export type ServerOptions = ModelService['spec']['server'];

/** The JSON Schema (2020-12) of what a person may write. */
export function jsonSchema(): object {
  return z.toJSONSchema(modelService, { io: 'input' });
}
