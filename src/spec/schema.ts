/** The file's schema: the one source of types, defaults, messages and the JSON Schema that `fairlead schema` prints. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import { parseBytes, parseDuration, type Result } from '#base';

const name = z
  .string()
  .max(40, 'is longer than 40 characters')
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, starting with a letter',
  )
  .describe('Names the service: a DNS label of at most 40 characters.');

/** Longer timers than this overflow, and fire at once; nothing here is meant to take a day. */
const MOST_MILLISECONDS = 24 * 3_600_000;

const NOT_A_DURATION = 'must be a duration such as 500ms, 2s or 5m';

const duration = (text: string, least = 0) =>
  z
    .string(NOT_A_DURATION)
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: NOT_A_DURATION, abort: true })
    .refine(written => within(parseDuration(written), MOST_MILLISECONDS), 'must be at most 24h')
    .refine(written => !within(parseDuration(written), least - 1), `must be at least ${least}ms`)
    .default(text);

function isOver(delay: string, grace: string): boolean {
  const [spent, most] = [parseDuration(delay), parseDuration(grace)];
  return spent.ok && most.ok && spent.value > 0 && spent.value >= most.value;
}

/** A request body is held in memory as one piece. */
const MOST_BYTES = 2 * 1024 ** 3;

const NOT_A_SIZE = 'must be a size such as 64Mi, 1G or 4096';

const size = (text: string) =>
  z
    .union([z.string().regex(/^\d+(k|M|G|Ki|Mi|Gi)?$/, NOT_A_SIZE), z.int().min(0, NOT_A_SIZE)], NOT_A_SIZE)
    .transform(String)
    .refine(written => within(parseBytes(written), MOST_BYTES), 'must be at most 2Gi')
    .refine(written => !within(parseBytes(written), 0), 'must be more than 0')
    .prefault(text);

function within(read: Result<number, string>, most: number): boolean {
  return read.ok && read.value <= most;
}

const LABEL = /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const NOT_A_LABEL = 'must be at most 63 letters, digits, dots and dashes';

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
      threads: z.int().min(1).max(256).default(1).describe('Threads that one inference uses (intra-op).'),
    })
    .prefault({}),
});

const server = z.strictObject({
  batching: z
    .strictObject({
      maxRows: z
        .int()
        .min(1)
        .max(4096)
        .default(64)
        .describe('Rows that one run may hold; 1 turns batching off.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body: size('64Mi').describe('The largest request body.'),
      inFlight: z
        .int()
        .min(1)
        .max(65_536)
        .default(512)
        .describe('Requests accepted at once; more are answered 503.'),
      requestTime: duration('30s', 1).describe('For a request to arrive and be answered.'),
    })
    .prefault({}),
  drain: z
    .strictObject({
      delay: duration('0s').describe('Still accepting after SIGTERM, while load balancers take notice.'),
      grace: duration('30s').describe('From SIGTERM to exit, at most.'),
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
