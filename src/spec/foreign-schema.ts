/** `runtime.triton`, `runtime.tensorflowServing` and `runtime.custom`: servers of others that run the models. */
import * as z from 'zod';

const MOST_ARGUMENTS = 200;

/** Variables that say where its ports and its model are; a file may use them, and not set them. */
const TOLD = [
  'HOST',
  'PORT',
  'GRPC_PORT',
  'METRICS_PORT',
  'MODEL_NAME',
  'MODEL_PATH',
  'MODEL_VERSION',
] as const;

/** Flags that say where a server listens, what it serves and how long it drains; the launch writes them. */
const OF_TRITON = [
  'model-repository',
  'model-store',
  'http-address',
  'http-port',
  'grpc-address',
  'grpc-port',
  'metrics-address',
  'metrics-port',
  'allow-http',
  'allow-grpc',
  'allow-metrics',
  'exit-timeout-secs',
  'model-control-mode',
  'repository-poll-secs',
  'load-model',
  'grpc-use-ssl',
  'grpc-use-ssl-mutual',
];
const OF_SERVING = [
  'port',
  'rest_api_port',
  'rest_api_timeout_in_ms',
  'model_name',
  'model_base_path',
  'model_config_file',
  'model_config_file_poll_wait_seconds',
  'file_system_poll_wait_seconds',
  'monitoring_config_file',
  'enable_batching',
  'batching_parameters_file',
  'ssl_config_file',
];

const text = z
  .string()
  .min(1, 'must not be empty')
  .max(4000)
  .refine(value => !value.includes('\0'), 'must not hold a NUL character');

const program = (usual: string) =>
  text.optional().describe(`A program on PATH, or a path. Default: ${usual}.`);

const env = z
  .record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name of a variable'), z.string().max(4000))
  .refine(variables => TOLD.every(name => !Object.hasOwn(variables, name)), {
    error: `must not set ${TOLD.join(', ')}, which tell a server its ports and its model`,
  })
  .optional()
  .describe('Variables of its environment, beside those that it inherits.');

/** Further flags as the server has them, but for those that its launch writes. */
function flags(written: readonly string[]) {
  const flag = text
    .regex(/^--[A-Za-z]/, 'must be a flag, such as --log-verbose=1')
    .refine(value => !written.includes(nameOf(value)), {
      error: `must not set what follows from the rest of the file: ${written.map(name => `--${name}`).join(', ')}`,
    });
  return z.array(flag).max(MOST_ARGUMENTS).optional();
}

function nameOf(flag: string): string {
  return flag.slice(2).split('=', 1)[0] ?? '';
}

export const triton = z.strictObject({
  program: program('tritonserver'),
  args: flags(OF_TRITON).describe('More flags, as `tritonserver --help` has them.'),
  env,
});

export const tensorflowServing = z.strictObject({
  program: program('tensorflow_model_server'),
  batching: text
    .optional()
    .describe(
      "A file of TensorFlow Serving's BatchingParameters; turns its batching on. Default: no batching.",
    ),
  args: flags(OF_SERVING).describe('More flags, as `tensorflow_model_server --help` has them.'),
  env,
});

/** What a server of one's own speaks; it decides where its health is asked. */
const protocols = ['v2', 'tfserving', 'openai', 'http'] as const;

const port = (what: string) =>
  z
    .union([z.literal('auto'), z.int().min(1).max(65_535)], 'must be auto or a whole number from 1 to 65535')
    .describe(what);

const path = z
  .string()
  .max(1000)
  .regex(/^\/[!-~]*$/, 'must be a path that begins with /');

const ports = z
  .strictObject({
    http: port('auto: the command is told a free one as $(PORT).').default('auto'),
    grpc: port('Of gRPC, if it speaks that; auto: a free one, as $(GRPC_PORT).').optional(),
    metrics: port('Of its metrics, if not that of HTTP; auto: a free one, as $(METRICS_PORT).').optional(),
  })
  .refine(({ http, grpc, metrics }) => areApart([http, grpc, metrics]), {
    error: 'must be different ports',
  });

function areApart(numbers: readonly (number | 'auto' | undefined)[]): boolean {
  const fixed = numbers.filter(one => typeof one === 'number');
  return new Set(fixed).size === fixed.length;
}

export const custom = z
  .strictObject({
    command: z
      .array(text)
      .min(1, 'must name a program')
      .max(MOST_ARGUMENTS)
      .optional()
      .describe(
        'A program and its arguments, for this machine. $(PORT), $(GRPC_PORT), $(METRICS_PORT), $(HOST), $(MODEL_PATH), $(MODEL_NAME), $(MODEL_VERSION) and the variables of env are filled in, as Kubernetes does; all are in its environment too.',
      ),
    image: text
      .optional()
      .describe('A container image: what Kubernetes runs, and the base of an image with the model in it.'),
    folder: text
      .optional()
      .describe(
        'Where the command starts: a path (relative to this file), which is packed into an image. Default: the folder of this file, of which nothing is packed.',
      ),
    protocol: z
      .enum(protocols)
      .describe(
        'What it speaks: OIP/V2, the REST API of TensorFlow Serving, that of OpenAI, or HTTP of its own.',
      ),
    ports: ports.prefault({}),
    health: z
      .strictObject({
        ready: path.optional().describe('Answers 200 once it can serve. Default: as its protocol has it.'),
        live: path
          .optional()
          .describe('Answers 200 while it runs. Default: as its protocol has it, or ready.'),
      })
      .prefault({}),
    metrics: path
      .optional()
      .describe(
        'Where its metrics are, in the text format of Prometheus. Default: /metrics where ports.metrics is said; otherwise none are read.',
      ),
    env,
  })
  .refine(({ command, image }) => command !== undefined || image !== undefined, {
    error: 'is missing; image may stand in its place, or beside it for Kubernetes',
    path: ['command'],
  })
  .refine(({ protocol, health }) => protocol !== 'http' || health.ready !== undefined, {
    error: 'is missing: the protocol http has no path of its own for it',
    path: ['health', 'ready'],
  });

export const foreignRuntimes = {
  triton: triton.optional().describe("NVIDIA's Triton runs the models: a program that must be here."),
  tensorflowServing: tensorflowServing
    .optional()
    .describe("TensorFlow Serving's tensorflow_model_server runs the models: a program that must be here."),
  custom: custom.optional().describe('A server of your own runs the model.'),
};

export type TritonOptions = Readonly<z.output<typeof triton>>;
export type ServingOptions = Readonly<z.output<typeof tensorflowServing>>;
export type CustomOptions = Readonly<z.output<typeof custom>>;

/** Servers that are not fairlead's own, as the file calls them. */
export const foreignKinds = ['triton', 'tensorflowServing', 'custom'] as const;
export type ForeignKind = (typeof foreignKinds)[number];

/** Whose server runs the models, where it is not fairlead's. */
export function foreignKind(
  runtime: Readonly<Partial<Record<ForeignKind, unknown>>>,
): ForeignKind | undefined {
  return foreignKinds.find(kind => runtime[kind] !== undefined);
}
