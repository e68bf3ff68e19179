/** Service files that are meant for a cluster, for property tests of its objects: with the images, Secrets and volumes that they need. */
import * as fc from 'fast-check';
import { duration, optional, sizeBelow, whole } from './field.arbitrary.ts';
import { image, kubernetesFields, sized, spot, traffic, trial } from './kubernetes.arbitrary.ts';
import { digest, label, onnx, serverOptions } from './spec.arbitrary.ts';

/** A file or folder beside the file, and one by each scheme. */
const uri = fc.constantFrom(
  './models/digits/1',
  './models/net.onnx',
  'pvc://models/digits/1',
  'pvc://more-models/net.onnx',
  's3://bucket/digits/2/',
  'gs://bucket/net.onnx',
  'az://account/container/digits',
  'https://models.example.com/net.onnx',
  'oci://ghcr.io/acme/digits:2',
  'hf://acme/digits@main',
);

const requiresUri: { requiredKeys: ['uri'] } = { requiredKeys: ['uri'] };
const model = fc.record({ uri, digest }, requiresUri);
const plainNamed = fc.record({ uri, digest, name: label }, { requiredKeys: ['uri', 'name'] });
const namedModel = fc
  .tuple(plainNamed, fc.option(whole(1, 1000), { nil: undefined }))

  .map(([named, share]) => ({ ...named, ...(share !== undefined && { share }) }));

/** Two models of one name would be refused. */
const apart = { minLength: 1, maxLength: 3, selector: ({ name }: { readonly name: string }) => name };
const models = fc.uniqueArray(namedModel, apart);

const one = fc.record({ model });
const anyServed = fc.oneof(
  { weight: 3, arbitrary: one },
  { weight: 2, arbitrary: fc.record({ models }) },
  { weight: 1, arbitrary: fc.record({ repository: fc.record({ uri }) }) },
);

/** Files of the server, and the Secrets that pods have them from. */
interface Secured {
  readonly server: object;
  readonly secrets: object;
}

const secured: fc.Arbitrary<Secured> = fc.record(serverOptions, optional).map(server => {
  const asksBy = (who: 'predict' | 'admin'): boolean =>
    JSON.stringify(server.auth ?? {}).includes(`"${who}":{"keys"`);
  const secrets = {
    ...(server.tls && { tls: 'digits-tls' }),
    ...(asksBy('predict') && { predict: 'digits-keys' }),
    ...(asksBy('admin') && { admin: 'digits-admins' }),
  };
  return { server, secrets };
});

/** What servers of others honour. */
const unsecured: fc.Arbitrary<Secured> = fc
  .record(
    {
      deadline: duration(1, 86_400_000),
      limits: fc.record({ body: sizeBelow(2 ** 31) }, optional),
      drain: fc.record({ grace: duration(1000, 86_400_000) }),
    },
    optional,
  )
  .map(server => ({ server, secrets: {} }));

const env = fc.dictionary(fc.stringMatching(/^[A-Z]{1,6}$/), fc.stringMatching(/^[ -#%-~]{0,9}$/), {
  noNullPrototype: true,
  maxKeys: 2,
});

const custom = fc.record(
  {
    image,
    protocol: fc.constantFrom('v2', 'tfserving', 'openai'),
    command: fc.constantFrom(['serve', '--port=$(PORT)', '$(MODEL_PATH)'], ['python', '-m', 'serving']),
    ports: fc.record(
      { http: fc.constantFrom('auto', 9000), metrics: fc.constantFrom('auto', 9002) },
      optional,
    ),
    metrics: fc.constant('/metrics'),
    env,
  },
  { requiredKeys: ['image', 'protocol'] },
);

const python = fc.record(
  {
    interpreter: fc.constant('/usr/bin/python3'),
    threads: whole(1, 8),
    instances: whole(1, 4),
    memory: sizeBelow(2 ** 31),
    runTime: duration(1, 86_400_000),
  },
  optional,
);

const ofTrial = fc.record(
  { weight: whole(0, 100), replicas: whole(0, 10), ...trial },
  { requiredKeys: ['weight'] },
);

/** Whose server runs which models, those of a candidate too, and how that is told to serve. */
const runBy = (runtime: fc.Arbitrary<object>, what: fc.Arbitrary<object>, server: fc.Arbitrary<Secured>) =>
  fc.record({
    runtime,
    what,
    server,
    candidate: fc.option(
      fc.tuple(what, ofTrial).map(([served, options]) => ({ ...served, ...options })),
      { nil: undefined },
    ),
  });

const running = fc.oneof(
  { weight: 5, arbitrary: runBy(fc.record({ onnx, python }, optional), anyServed, secured) },
  {
    weight: 1,
    arbitrary: runBy(
      fc.constantFrom({ triton: {} }, { tensorflowServing: {} }),
      fc.oneof(one, fc.record({ models: fc.uniqueArray(plainNamed, apart) })),
      unsecured,
    ),
  },
  { weight: 1, arbitrary: runBy(fc.record({ custom }), one, unsecured) },
);

const spec = fc
  .tuple(
    running,
    fc.record({ image, traffic, capacity: fc.record({ spot }, optional) }, optional),
    fc.record(kubernetesFields, optional),
    sized,
  )
  .map(([{ runtime, what, server: by, candidate }, options, kubernetes, pods]) => ({
    ...what,
    ...(candidate && { candidate }),
    runtime,
    server: by.server,
    ...options,
    kubernetes: { ...kubernetes, secrets: by.secrets },
    ...pods,
  }));

export const kubernetesFile = fc.record({
  kind: fc.constant('ModelService'),
  metadata: fc.record({ name: fc.stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/) }),
  spec,
});
