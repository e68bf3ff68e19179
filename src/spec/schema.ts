/** The file's schema: the one source of types, defaults, messages and the JSON Schema that `fairlead schema` prints. */
import { z } from 'zod';

const name = z
  .string()
  .max(40, 'is longer than 40 characters')
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, starting with a letter',
  )
  .describe('Names the service: a DNS label of at most 40 characters.');

const duration = (text: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'must be a duration such as 500ms, 2s or 5m')
    .default(text);

const size = (text: string) =>
  z
    .string()
    .regex(/^\d+(k|M|G|Ki|Mi|Gi)?$/, 'must be a size such as 64Mi, 1G or 4096')
    .default(text);

const version = z
  .union([
    z
      .string()
      .regex(/^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/, 'must be letters, digits, dots, dashes'),
    z.int().min(0),
  ])
  .transform(String)
  .describe('MODEL_VERSION. Default: the number of the version folder, otherwise the start of the digest.');

const model = z.strictObject({
  uri: z.string().min(1, 'must not be empty').describe('A path (relative to this file) or a file:// URI.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/, 'must be letters, digits, dots, dashes')
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
      requestTime: duration('30s').describe('For a request to arrive and be answered.'),
    })
    .prefault({}),
  drain: z
    .strictObject({
      delay: duration('0s').describe('Still accepting after SIGTERM, while load balancers take notice.'),
      grace: duration('30s').describe('From SIGTERM to exit, at most.'),
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
