import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { podRefusals } from './refusals.ts';

const tls = { certificate: 'a.crt', key: 'a.key' };
const keys = (file: string) => ({ keys: { file } });
const s3 = { model: { uri: 's3://bucket/m/3' } };
const custom = { image: 'acme/server:1', protocol: 'v2' };

const refused: readonly { name: string; spec: object; path: string; problem: RegExp }[] = [
  {
    name: 'probes that would have to show a certificate',
    spec: { server: { tls: { ...tls, clientAuthority: 'ca' } }, kubernetes: { secrets: { tls: 't' } } },
    path: 'spec.server.tls.healthPort',
    problem: /^is missing/,
  },
  {
    name: 'a port for health that is taken',
    spec: { server: { tls: { ...tls, healthPort: 8500 } }, kubernetes: { secrets: { tls: 't' } } },
    path: 'spec.server.tls.healthPort',
    problem: /port 8500 of a pod twice/,
  },
  {
    name: 'a port that the pod gives another use',
    spec: { runtime: { custom: { ...custom, ports: { http: 8500, grpc: 'auto' } } } },
    path: 'spec.runtime.custom.ports',
    problem: /port 8500 of a pod twice/,
  },
  {
    name: 'a secret among variables that everybody sees',
    spec: { ...s3, kubernetes: { env: { AWS_SECRET_ACCESS_KEY: 'hunter2', AWS_ACCESS_KEY_ID: 'id' } } },
    path: 'spec.kubernetes.env.AWS_SECRET_ACCESS_KEY',
    problem: /^would be shown(?!.*hunter2).* spec\.kubernetes\.credentials$/,
  },
  {
    name: 'a secret for what is pulled to a server of others',
    spec: { ...s3, runtime: { triton: {} }, kubernetes: { env: { AWS_SESSION_TOKEN: 'hunter2' } } },
    path: 'spec.kubernetes.env.AWS_SESSION_TOKEN',
    problem: /^would be shown/,
  },
  {
    name: 'a cache elsewhere than what is mounted',
    spec: { ...s3, kubernetes: { env: { FAIRLEAD_CACHE: '/elsewhere' } } },
    path: 'spec.kubernetes.env.FAIRLEAD_CACHE',
    problem: /^is set by what the rest/,
  },
  {
    name: 'a grace that no spot machine leaves',
    spec: { capacity: { spot: { cloud: 'gke' } } },
    path: 'spec.server.drain.grace',
    problem: /^is 30s, and a pod has 15s .* at most 8s fit/,
  },
  {
    name: 'a budget that leaves nothing',
    spec: { capacity: { spot: { cloud: 'gke', notice: { budget: '5s' } } } },
    path: 'spec.capacity.spot.notice.budget',
    problem: /nothing of its 5s .* balancers need 7s/,
  },
  {
    name: 'a file that tells of the end of a machine',
    spec: { capacity: { spot: { notice: { file: 'notice', budget: '60s' } } } },
    path: 'spec.capacity.spot.notice.file',
    problem: /^has no effect on Kubernetes/,
  },
  {
    name: 'TLS without a Secret',
    spec: { server: { tls } },
    path: 'spec.kubernetes.secrets.tls',
    problem: /^is missing: .*server\.tls\.certificate.*\/etc\/fairlead\/tls\/tls\.crt/,
  },
  {
    name: 'keys without a Secret',
    spec: { server: { auth: { admin: keys('k') } } },
    path: 'spec.kubernetes.secrets.admin',
    problem: /^is missing/,
  },
  {
    name: 'a Secret that nobody reads',
    spec: { kubernetes: { secrets: { predict: 'p' } } },
    path: 'spec.kubernetes.secrets.predict',
    problem: /^has no effect/,
  },
  {
    name: 'two Secrets at one path',
    spec: {
      server: { auth: { predict: keys('/run/keys/k'), admin: keys('/run/keys/k') } },
      kubernetes: { secrets: { predict: 'a', admin: 'b' } },
    },
    path: 'spec.server.auth.admin.keys.file',
    problem: /same path as server\.auth\.predict\.keys\.file/,
  },
  {
    name: 'a key in a folder that its image needs',
    spec: {
      server: { auth: { predict: keys('/etc/keys.yaml') } },
      kubernetes: { secrets: { predict: 'p' } },
    },
    path: 'spec.server.auth.predict.keys.file',
    problem: /is in \/etc, where a volume would hide/,
  },
  {
    name: 'records in the root folder',
    spec: { server: { payloadLog: { file: '/records.jsonl' } } },
    path: 'spec.server.payloadLog.file',
    problem: /is in \/, where/,
  },
  {
    name: 'a label of nodes that the cloud decides',
    spec: {
      capacity: { spot: { cloud: 'karpenter' } },
      kubernetes: { nodeSelector: { 'karpenter.sh/capacity-type': 'spot' } },
    },
    path: 'spec.kubernetes.nodeSelector.karpenter.sh/capacity-type',
    problem: /capacity\.spot decides/,
  },
  {
    name: 'a variable that the launch sets',
    spec: { kubernetes: { env: { MODEL_PATH: '/elsewhere' } } },
    path: 'spec.kubernetes.env.MODEL_PATH',
    problem: /^is set by/,
  },
  {
    name: 'a cache without anything to pull',
    spec: { kubernetes: { cache: { size: '1Gi' } } },
    path: 'spec.kubernetes.cache',
    problem: /^has no effect/,
  },
  {
    name: 'credentials without anything to pull',
    spec: { kubernetes: { credentials: 'aws' } },
    path: 'spec.kubernetes.credentials',
    problem: /^has no effect/,
  },
  {
    name: 'models that are to be in the image and are there anyway',
    spec: { kubernetes: { models: 'image' } },
    path: 'spec.kubernetes.models',
    problem: /^has no effect: .* path/,
  },
  {
    name: "an image of fairlead's that nobody runs",
    spec: { ...s3, kubernetes: { fairlead: 'a:1' } },
    path: 'spec.kubernetes.fairlead',
    problem: /^has no effect/,
  },
  {
    name: 'image volumes without an image',
    spec: { ...s3, kubernetes: { models: 'volume' } },
    path: 'spec.kubernetes.models',
    problem: /oci:\/\//,
  },
  {
    name: 'a pin that a server of others does not look at',
    spec: { model: { uri: 'pvc://c/m', digest: `sha256:${'1'.repeat(64)}` }, runtime: { triton: {} } },
    path: 'spec.model.digest',
    problem: /verified by nobody/,
  },
  ...['digest', 'signature', 'formats'].map(field => ({
    name: `a policy that nobody keeps: ${field}`,
    spec: {
      model: { uri: 'pvc://c/m' },
      runtime: { triton: {} },
      policy: { [field]: { digest: 'required', signature: { key: 'k.pem' }, formats: ['onnx'] }[field] },
    },
    path: `spec.policy.${field}`,
    problem: /kept by nobody/,
  })),
  {
    name: 'signatures where some models are in the image, and others not',
    spec: {
      models: [
        { name: 'a', uri: './a' },
        { name: 'b', uri: 's3://b/m' },
      ],
      policy: { signature: { key: 'k.pem' } },
    },
    path: 'spec.policy.signature',
    problem: /which holds no signatures/,
  },
  {
    name: 'a variable that is told to what brings models',
    spec: {
      ...s3,
      runtime: { triton: {} },
      policy: { formats: ['onnx'] },
      kubernetes: { env: { FAIRLEAD_MODEL_POLICY: '{}' } },
    },
    path: 'spec.kubernetes.env.FAIRLEAD_MODEL_POLICY',
    problem: /^is set by/,
  },
  {
    name: 'a choice of files of an image volume',
    spec: { models: [{ name: 'a', uri: 'oci://r/m:1', exclude: ['x'] }], kubernetes: { models: 'volume' } },
    path: 'spec.models[0].exclude',
    problem: /^has no effect on a volume/,
  },
  {
    name: 'versions that nobody knows yet',
    spec: { model: { uri: 's3://b/m', versions: { latest: 2 } }, runtime: { tensorflowServing: {} } },
    path: 'spec.model.versions',
    problem: /cannot be chosen/,
  },
  {
    name: 'a repository of which TensorFlow Serving would be told nothing',
    spec: { repository: { uri: 's3://b/models' }, runtime: { tensorflowServing: {} } },
    path: 'spec.repository',
    problem: /one by one/,
  },
  {
    name: 'a version of a model of which Triton would not see the configuration',
    spec: { model: { uri: 'pvc://c/m/1' }, runtime: { triton: {} } },
    path: 'spec.model.uri',
    problem: /config\.pbtxt/,
  },
  {
    name: 'a policy of a volume that a server of others reads',
    spec: { model: { uri: 'pvc://c/m' }, policy: { formats: ['onnx'] }, runtime: { triton: {} } },
    path: 'spec.policy.formats',
    problem: /kept by nobody/,
  },
  {
    name: 'signatures of models in the image beside others',
    spec: {
      models: [
        { name: 'a', uri: './a.onnx' },
        { name: 'b', uri: 's3://b/b' },
      ],
      policy: { signature: { key: 'k.pem' } },
    },
    path: 'spec.policy.signature',
    problem: /in the image/,
  },
  {
    name: 'of a candidate, what its own model says',
    spec: {
      candidate: { weight: 5, model: { uri: 'pvc://c/m/v.onnx' } },
      runtime: { triton: {} },
    },
    path: 'spec.candidate.model.uri',
    problem: /names a file/,
  },
];

for (const { name, spec, path, problem } of refused)
  test(`is refused: ${name}`, () => {
    const all = podRefusals(releaseOf(spec));
    assert.deepEqual(
      all.map(one => one.path),
      [path],
      JSON.stringify(all),
    );
    assert.match(all[0]?.problem ?? '', problem);
  });

const accepted: readonly { name: string; spec: object }[] = [
  { name: 'a file that says nothing', spec: {} },
  {
    name: 'the same Secret for two kinds of keys, in one file',
    spec: {
      server: { auth: { predict: keys('/run/keys/k'), admin: keys('/run/keys/k') } },
      kubernetes: { secrets: { predict: 'a', admin: 'a' } },
    },
  },
  {
    name: 'a cache that only the candidate needs',
    spec: {
      candidate: { ...s3, weight: 5 },
      kubernetes: { cache: { claim: 'shared' }, credentials: 'aws' },
    },
  },
  {
    name: 'a policy of models that are pulled',
    spec: { ...s3, policy: { signature: { key: 'k.pem' }, sources: ['s3://bucket/'] } },
  },
  {
    name: "a variable of a server's own, where nothing is pulled",
    spec: { runtime: { custom }, kubernetes: { env: { HF_TOKEN: 'x' } } },
  },
  { name: 'records in a folder for temporary files', spec: { server: { payloadLog: { file: '/tmp/r' } } } },
  {
    name: 'a quota of the cache, which is a matter of taste',
    spec: { ...s3, kubernetes: { env: { FAIRLEAD_CACHE_QUOTA: '5Gi' } } },
  },
];

for (const { name, spec } of accepted)
  test(`is accepted: ${name}`, () => {
    assert.deepEqual(podRefusals(releaseOf(spec)), []);
  });

test('is refused: more settings than a ConfigMap holds', () => {
  const release = releaseOf({ runtime: { tensorflowServing: { batching: 'b' } } });
  const [arm] = release.arms;
  const settings = arm.settings.map(one => ({ ...one, text: 'x'.repeat(1_000_001) }));
  const [refusal] = podRefusals({ ...release, arms: [{ ...arm, settings }] });
  assert.match(refusal?.problem ?? '', /a ConfigMap holds 1000000/);
});
