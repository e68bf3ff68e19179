/** Service files for property tests: what a person may write, every field of the schema among it. */
import * as fc from 'fast-check';
import { duration, optional, sizeBelow, whole } from './field.arbitrary.ts';
import { image, kubernetes, sized, spot, traffic, trial } from './kubernetes.arbitrary.ts';

export const label = fc.stringMatching(/^[A-Za-z0-9]([-._A-Za-z0-9]{0,20}[A-Za-z0-9])?$/);

const size = sizeBelow(2 ** 31);

/** A run of one row cannot wait, so those that may have more. */
const batching = fc.record({ maxRows: whole(2, 4096), maxDelay: duration(0, 86_400_000) }, optional);

const queue = fc.record({ rows: whole(1, 1_000_000), bytes: size }, optional);

const priorities = fc
  .tuple(whole(1, 100), whole(1, 100), fc.boolean())
  .map(([a, b, isSaid]) => ({ levels: Math.max(a, b), ...(isSaid && { usual: Math.min(a, b) }) }));

const instances = fc.oneof(fc.constant('auto'), whole(1, 256));
const threads = whole(1, 256);
const provider = fc.constantFrom('cpu', 'cuda', 'tensorrt', 'openvino', 'coreml');

/** On the event loop there are no instances. */
export const onnx = fc.oneof(
  fc.record({ threads, provider, instances, place: fc.constantFrom('auto', 'threads') }, optional),
  fc.record({ threads, provider, place: fc.constant('inline') }, optional),
);

const line = fc.stringMatching(/^[ -~]{1,20}$/);

const tensors = fc.uniqueArray(
  fc.record({
    name: line,
    datatype: fc.constantFrom('BOOL', 'INT64', 'FP32', 'BYTES'),
    shape: fc.array(whole(-1, 100), { maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 3, selector: ({ name }) => name },
);

const python = fc.record(
  {
    interpreter: line,
    class: fc.stringMatching(/^[A-Za-z_][\w.]{0,5}:[A-Za-z_]\w{0,5}$/),
    requirements: fc.array(line, { maxLength: 3 }),
    allowUnsafeFormats: fc.boolean(),
    trusted: fc.array(line, { maxLength: 3 }),
    inputs: tensors,
    outputs: tensors,
    batched: fc.boolean(),
    device: fc.constantFrom('cpu', 'cuda', 'cuda:1'),
    threads,
    instances: whole(1, 256),
    memory: size,
    runTime: duration(1, 86_400_000),
  },
  optional,
);

const versions = fc.oneof(
  fc.record({ latest: whole(1, 1000) }),
  fc.constant({ all: {} }),
  fc.record({ specific: fc.uniqueArray(fc.oneof(label, fc.nat()), { minLength: 1, selector: String }) }),
);

const modelSettings = {
  labels: fc.dictionary(label, fc.oneof(label, fc.nat()), { noNullPrototype: true }),
  batching,
  deadline: duration(1, 86_400_000),
  queue,
  priorities,
  runtime: fc.record({ onnx, python }, optional),
};

const uri = fc.string({ minLength: 1, unit: 'grapheme' });
const version = fc.oneof(label, fc.nat());
const requiresUri: { requiredKeys: ['uri'] } = { requiredKeys: ['uri'] };

export const digest = fc.stringMatching(/^sha256:[0-9a-f]{64}$/);
const globs = fc.array(fc.stringMatching(/^[a-z*]{1,8}(\/[a-z*]{1,8}){0,2}$/), {
  minLength: 1,
  maxLength: 3,
});
const fetched = fc.constantFrom('s3://bucket/m', 'hf://acme/digits@main', 'oci://ghcr.io/acme/digits:2');

const model = fc.oneof(
  fc.record({ uri, name: label, version, digest, ...modelSettings }, requiresUri),
  fc.record({ uri, name: label, versions, ...modelSettings }, requiresUri),
  fc.record(
    { uri: fetched, name: label, digest, include: globs, exclude: globs, ...modelSettings },
    requiresUri,
  ),
);

const namedModel = fc
  .tuple(model, label, fc.option(whole(1, 1000), { nil: undefined }))
  .map(([one, name, share]) => ({ ...one, name, ...(share !== undefined && { share }) }));

const models = fc.array(namedModel, { minLength: 1, maxLength: 3 });
const repository = fc.record({ uri, versions }, requiresUri);

/** One of the three. */
const served = fc.oneof(fc.record({ model }), fc.record({ models }), fc.record({ repository }));

const replicas = whole(0, 1000);

const runtime = fc.record({ onnx, python }, optional);

const jwt = fc.record(
  {
    issuer: line,
    audience: line,
    jwks: fc.oneof(
      fc.stringMatching(/^[a-z/.]{1,12}$/),
      fc.webUrl({ validSchemes: ['https'] }),
      fc.constant('http://127.0.0.1:8080/jwks'),
    ),
    algorithms: fc.uniqueArray(fc.constantFrom('RS256', 'PS512', 'ES256', 'EdDSA'), { minLength: 1 }),
    scope: fc.stringMatching(/^[a-z:]{1,9}( [a-z:]{1,9}){0,2}$/),
    leeway: duration(0, 86_400_000),
  },
  { requiredKeys: ['issuer', 'audience', 'jwks'] },
);

const keys = fc.record({ file: line });
const credentials = fc.oneof(fc.record({ keys }), fc.record({ jwt }), fc.record({ keys, jwt }));
const auth = fc.oneof(
  fc.record({ predict: credentials }),
  fc.record({ admin: credentials }),
  fc.record({ predict: credentials, admin: credentials }),
);

const tls = fc.record(
  { certificate: line, key: line, clientAuthority: line, healthPort: whole(1, 65_535) },
  { requiredKeys: ['certificate', 'key'] },
);

const origins = fc.oneof(
  fc.constant(['*']),
  fc.array(fc.constantFrom('https://a.example', 'http://localhost:3000', 'capacitor://app'), {
    minLength: 1,
  }),
);

const cors = fc.record(
  { origins, headers: fc.array(fc.constantFrom('X-One', 'x-two')), maxAge: duration(0, 86_400_000) },
  { requiredKeys: ['origins'] },
);

const fraction = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs);

/** A path, a query and no credentials. */
const url = fc.webUrl({ withQueryParameters: true });

const recorded = { sample: fraction, redact: fc.array(line, { maxLength: 3 }), maxBytes: whole(1, 2 ** 24) };
const payloadLog = fc.oneof(
  fc.record(
    { file: fc.stringMatching(/^[!-~]{1,20}$/), ...recorded, maxFile: size, files: whole(1, 100) },
    { requiredKeys: ['file'] },
  ),
  fc.record(
    { http: url, ...recorded, form: fc.constantFrom('structured', 'binary') },
    { requiredKeys: ['http'] },
  ),
);

const observing = {
  tracing: fc.record({ endpoint: url, sample: fraction }, { requiredKeys: ['endpoint'] }),
  log: fc.record(
    {
      level: fc.constantFrom('debug', 'info', 'warn', 'error'),
      requests: fraction,
      slow: duration(1, 86_400_000),
    },
    optional,
  ),
  payloadLog,
};

export const serverOptions = {
  tls,
  cors,
  batching,
  deadline: duration(1, 86_400_000),
  queue,
  priorities,
  limits: fc.record(
    { body: size, inFlight: whole(1, 65_536), requestTime: duration(1, 86_400_000) },
    optional,
  ),
  // An hour at most for the one and more for the other: the delay counts within the grace.
  drain: fc.record({ delay: duration(0, 3_600_000), grace: duration(3_600_001, 86_400_000) }),
  lazy: fc.record({ memory: size }, optional),
  auth,
  ...observing,
};

const polled = fc.record(
  { ...serverOptions, control: fc.record({ poll: duration(100, 86_400_000) }) },
  optional,
);
const controlled = fc.record({ ...serverOptions, control: fc.constant({ explicit: {} }) }, optional);

const capacity = fc.record({ spot }, optional);

/** What any service may say for a cluster. */
const clustered = { image, traffic, kubernetes, capacity };

const candidate = fc
  .tuple(served, fc.record({ weight: whole(0, 100), replicas, ...trial }, { requiredKeys: ['weight'] }))
  .map(([one, options]) => ({ ...one, ...options }));

const policy = fc
  .record(
    {
      digest: fc.constant('required'),
      signature: fc.oneof(
        fc.record({ key: fc.oneof(line, fc.array(line, { minLength: 1, maxLength: 3 })) }),
        fc.record({ certificate: fc.record({ authority: line }) }),
        fc.record({ keyless: fc.record({ issuer: line, identity: line, trustRoot: line }) }),
      ),
      formats: fc.uniqueArray(fc.constantFrom('onnx', 'torch', 'skops'), { minLength: 1 }),
      sources: fc.array(
        fc.constantFrom('file', 's3://bucket/models/', 'oci://ghcr.io/acme', 'https://a.example/'),
        {
          minLength: 1,
        },
      ),
    },
    optional,
  )
  .filter(rules => Object.keys(rules).length > 0);

/** Clients may control the one server of a service; several are polled. */
const spec = fc
  .tuple(
    served,
    fc.oneof(
      fc.record({ policy, runtime, server: controlled, ...clustered }, optional),
      fc.record({ runtime, server: controlled, replicas: whole(0, 1) }, optional),
      fc
        .tuple(fc.record({ policy, runtime, server: polled, candidate, ...clustered }, optional), sized)
        .map(([options, pods]) => ({ ...options, ...pods })),
    ),
  )
  .map(([one, options]) => withoutPins(withoutOneModels({ ...one, ...options })));

const word = fc.stringMatching(/^[ -#%-~]{1,12}$/);
const env = fc.dictionary(fc.stringMatching(/^[a-z_]\w{0,8}$/), line, { noNullPrototype: true, maxKeys: 3 });
const urlPath = fc.stringMatching(/^\/[!-~]{0,20}$/);
const port = fc.constant('auto');

const foreign = fc.oneof(
  fc.record({
    triton: fc.record({ program: word, args: fc.constantFrom(['--log-verbose=1'], []), env }, optional),
  }),
  fc.record({
    tensorflowServing: fc.record(
      { program: word, batching: word, args: fc.constantFrom(['--v=1'], ['--v=2']), env },
      optional,
    ),
  }),
  fc.record({
    custom: fc.record(
      {
        command: fc.array(word, { minLength: 1, maxLength: 3 }),
        image: word,
        folder: word,
        protocol: fc.constantFrom('v2', 'tfserving', 'openai', 'http'),
        ports: fc.record({ http: fc.oneof(port, whole(1, 65_535)), grpc: port, metrics: port }, optional),
        health: fc.record({ ready: urlPath, live: urlPath }, { requiredKeys: ['ready'] }),
        metrics: urlPath,
        env,
      },
      { requiredKeys: ['command', 'protocol', 'health'] },
    ),
  }),
);

const plain = fc.record({ uri, name: label }, requiresUri);

/** What servers of others are told: each server option that they honour. */
const foreignSpec = fc
  .tuple(
    foreign,
    fc.oneof(fc.record({ model: plain }), fc.record({ repository: fc.record({ uri }) })),
    fc.record(
      {
        server: fc.record(
          {
            deadline: duration(1, 86_400_000),
            limits: fc.record({ body: size }, optional),
            drain: fc.record({ grace: duration(1000, 86_400_000) }),
          },
          optional,
        ),
        ...clustered,
      },
      optional,
    ),
    sized,
  )
  .map(([by, one, options, pods]) => ({ runtime: by, ...one, ...options, ...pods }));

interface Asking {
  readonly runtime?: { readonly python?: { readonly [field: string]: unknown } };
  readonly candidate?: object;
  readonly policy?: object;
}

/** Of a repository, nothing is said of Python that is for one model. */
function withoutOneModels<T extends Asking>(one: T): T {
  const said = one.runtime?.python;
  if (said === undefined || ![one, one.candidate ?? {}].some(part => 'repository' in part)) return one;
  const { class: _class, inputs: _inputs, outputs: _outputs, ...others } = said;
  return { ...one, runtime: { ...one.runtime, python: others } };
}

/** A repository has no digest that could be required. */
function withoutPins<T extends Asking>(one: T): T {
  if (one.policy === undefined || ![one, one.candidate ?? {}].some(part => 'repository' in part)) return one;
  return { ...one, policy: { ...one.policy, digest: undefined, sources: ['file'] } };
}

/** A list of models, as `serve` takes it. */
export const modelListFile = models;

/** A whole file, as data before it is written. */
export const serviceFile = fc.record(
  {
    apiVersion: fc.constant('fairlead.dev/v1alpha1'),
    kind: fc.constant('ModelService'),
    metadata: fc.record({ name: fc.stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/) }),
    spec: fc.oneof({ weight: 4, arbitrary: spec }, { weight: 1, arbitrary: foreignSpec }),
  },
  { requiredKeys: ['kind', 'metadata', 'spec'] },
);
