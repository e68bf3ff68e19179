import assert from 'node:assert/strict';
import test from 'node:test';
import { type Container, podOf, serverOf } from '../fixtures/deployment.ts';

const valueIn = (container: Container | undefined, name: string) =>
  container?.env?.find(one => one.name === name);
const s3 = { model: { uri: 's3://bucket/digits/3' } };
const credentials = { kubernetes: { credentials: 'aws', env: { AWS_REGION: 'eu-west-1' } } };

test('a server starts by the launch, its program apart from its arguments', () => {
  const { command, args, image, imagePullPolicy } = serverOf({});
  assert.deepEqual(command, ['/usr/local/bin/node', '/opt/fairlead/fairlead.js']);
  assert.deepEqual(args?.slice(0, 2), ['serve', '--host=0.0.0.0']);
  assert.match(image, /@sha256:/);
  assert.equal(imagePullPolicy, 'IfNotPresent');
});

test('an image that starts its server by itself is left to do so', () => {
  const custom = { image: 'acme/server:1', protocol: 'v2' };
  const { command, args, workingDir } = serverOf({ runtime: { custom } });
  assert.deepEqual([command, args, workingDir], [undefined, undefined, undefined]);
});

test('a command starts in its folder, and nothing of it is filled in twice', () => {
  const custom = {
    image: 'acme/server:1',
    protocol: 'v2',
    folder: './app',
    command: ['./run', '$(PORT)', '$(X)'],
  };
  const { command, args, workingDir } = serverOf({ runtime: { custom } });
  assert.deepEqual([command, args, workingDir], [['./run'], ['8501', '$$(X)'], '/opt/service']);
});

test('why a container ended is in its status', () => {
  const { initContainers = [], containers } = podOf(s3);
  for (const { name, terminationMessagePolicy } of [...initContainers, ...containers])
    assert.equal(terminationMessagePolicy, 'FallbackToLogsOnError', name);
});

test('what the launch empties is emptied, as an image with models may say others', () => {
  const server = serverOf({});
  assert.deepEqual(valueIn(server, 'FAIRLEAD_MODELS'), { name: 'FAIRLEAD_MODELS' });
  assert.equal(valueIn(server, 'MODEL_PATH')?.value, '/models/digits/1');
});

test('models are pulled before the server starts, which then needs neither credentials nor a source', () => {
  const { initContainers: [pull] = [], containers } = podOf({ ...s3, ...credentials });
  assert.equal(pull?.name, 'pull');
  assert.equal(pull.image, containers[0].image);
  assert.deepEqual(pull.args, ['store', 'pull', '--timeout=5m']);
  assert.deepEqual(pull.envFrom, [{ secretRef: { name: 'aws' } }]);
  assert.equal(containers[0].envFrom, undefined);
  assert.equal(valueIn(containers[0], 'FAIRLEAD_OFFLINE')?.value, '1');
  for (const one of [pull, containers[0]]) {
    assert.equal(valueIn(one, 'MODEL_PATH')?.value, 's3://bucket/digits/3');
    assert.equal(valueIn(one, 'FAIRLEAD_CACHE')?.value, '/var/cache/fairlead');
    assert.equal(valueIn(one, 'AWS_REGION')?.value, 'eu-west-1');
    assert.ok(
      one.volumeMounts.some(({ mountPath, readOnly }) => mountPath === '/var/cache/fairlead' && !readOnly),
    );
  }
});

for (const server of [{ control: { poll: '1m' } }, { control: { explicit: {} } }, { lazy: {} }])
  test(`a server that asks for models itself has the credentials too: ${JSON.stringify(server)}`, () => {
    const asking = serverOf({ ...s3, ...credentials, server });
    assert.deepEqual(asking.envFrom, [{ secretRef: { name: 'aws' } }]);
    assert.equal(valueIn(asking, 'FAIRLEAD_OFFLINE'), undefined);
  });

test("models come to a server of others by fairlead's own image, each into its folder, by the same policy", () => {
  const models = [
    { name: 'a', uri: 's3://bucket/a/3', digest: `sha256:${'1'.repeat(64)}` },
    { name: 'b', uri: 'https://host.example/b.zip', include: ['*.onnx', 'x/**'] },
    { name: 'c', uri: './c' },
  ];
  const pod = podOf({ models, runtime: { triton: {} }, policy: { formats: ['onnx'] }, ...credentials });
  const [first, second] = pod.initContainers ?? [];
  assert.deepEqual([first?.name, second?.name, pod.initContainers?.length], ['pull', 'pull-2', 2]);
  assert.match(first?.image ?? '', /^registry\.example\/fairlead@/);
  assert.deepEqual(first?.args, [
    'store',
    'pull',
    's3://bucket/a/3',
    '--to=/models/a/3',
    `--digest=sha256:${'1'.repeat(64)}`,
    '--timeout=5m',
  ]);
  assert.deepEqual(second?.args?.slice(3, -1), ['--to=/models/b', '--include=*.onnx', '--include=x/**']);
  assert.equal(valueIn(second, 'FAIRLEAD_MODEL_POLICY')?.value, '{"formats":["onnx"]}');
  // What the image has in /models/c is not hidden.
  assert.deepEqual(
    pod.containers[0].volumeMounts.filter(({ name }) => name === 'models'),
    ['a/3', 'b'].map(subPath => ({
      name: 'models',
      mountPath: `/models/${subPath}`,
      subPath,
      readOnly: true,
    })),
  );
});

for (const runtime of [{}, { triton: {} }])
  test(`who brings models finds the keys that the policy names, and so does fairlead's own server: ${JSON.stringify(runtime)}`, () => {
    const policy = { signature: { key: 'a.pub' } };
    const { initContainers: [pull] = [], containers } = podOf({ ...s3, runtime, policy });
    const isMounted = ({ volumeMounts }: Container): boolean =>
      volumeMounts.some(({ mountPath }) => mountPath === '/etc/fairlead/policy/key.pem');
    assert.ok(pull !== undefined && isMounted(pull));
    assert.match(valueIn(pull, 'FAIRLEAD_MODEL_POLICY')?.value ?? '', /\/etc\/fairlead\/policy\/key\.pem/);
    assert.equal(isMounted(containers[0]), !('triton' in runtime));
  });

test('a pull has an end: the time that a pod has to start', () => {
  for (const runtime of [{}, { triton: {} }]) {
    const pod = podOf({ ...s3, runtime, kubernetes: { startup: '9m' } });
    assert.equal(pod.initContainers?.[0]?.args?.at(-1), '--timeout=9m');
  }
});

test('a pod has what the file sets aside for it, and so has what pulls its models; a card only the server has', () => {
  const resources = { cpu: '0.5', cpuLimit: 2, memory: '2048Mi', gpu: { count: 1 } };
  const { initContainers: [pull] = [], containers } = podOf({ ...s3, resources });
  assert.deepEqual(pull?.resources, {
    requests: { cpu: '500m', memory: '2Gi' },
    limits: { cpu: '2', memory: '2Gi' },
  });
  assert.deepEqual(containers[0].resources, {
    requests: { cpu: '500m', memory: '2Gi', 'nvidia.com/gpu': '1' },
    limits: { cpu: '2', memory: '2Gi', 'nvidia.com/gpu': '1' },
  });
});

test('probes mean the model, and live is another path than ready; a start has all its time', () => {
  const server = serverOf({ kubernetes: { startup: '90s' } });
  assert.deepEqual(server.startupProbe?.httpGet, { path: '/health', port: 'http' });
  assert.deepEqual(server.readinessProbe?.httpGet, { path: '/health', port: 'http' });
  assert.deepEqual(server.livenessProbe?.httpGet, { path: '/health/live', port: 'http' });
  assert.equal(server.startupProbe?.periodSeconds, 1);
  assert.equal(server.startupProbe.failureThreshold, 90);
});

test('probes of a server with TLS speak it, or have a port of their own without', () => {
  const tls = { certificate: 'a', key: 'b' };
  const secrets = { kubernetes: { secrets: { tls: 'digits-tls' } } };
  const encrypted = serverOf({ server: { tls }, ...secrets });
  assert.deepEqual(encrypted.readinessProbe?.httpGet, { path: '/health', port: 'https', scheme: 'HTTPS' });
  const apart = serverOf({ server: { tls: { ...tls, healthPort: 8081 } }, ...secrets });
  assert.deepEqual(apart.livenessProbe?.httpGet, { path: '/health/live', port: 'health' });
  assert.deepEqual(
    apart.ports?.map(({ name }) => name),
    ['https', 'grpc', 'health'],
  );
});
