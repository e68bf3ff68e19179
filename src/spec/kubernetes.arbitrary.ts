/** What a service file says for a cluster, for property tests: images, resources, scaling, traffic, and what is only Kubernetes'. */
import * as fc from 'fast-check';
import { duration, optional, sizeBelow, whole } from './field.arbitrary.ts';

const dns = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
const dotted = fc.array(dns, { minLength: 1, maxLength: 2 }).map(parts => parts.join('.'));
const labelValue = fc.stringMatching(/^[A-Za-z0-9]([-._A-Za-z0-9]{0,10}[A-Za-z0-9])?$/);
const labelName = fc
  .tuple(fc.constantFrom('', 'example.com/', 'acme.io/'), fc.stringMatching(/^x[a-z]{0,8}$/))
  .map(([domain, name]) => `${domain}${name}`);
const labels = fc.dictionary(labelName, labelValue, { noNullPrototype: true, maxKeys: 3 });
const annotations = fc.dictionary(labelName, fc.stringMatching(/^[ -~]{0,20}$/), {
  noNullPrototype: true,
  maxKeys: 3,
});

const hex = (digits: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));

/** An image, by its digest or by a tag. */
export const image = fc.oneof(
  hex(64).map(digits => `registry.example.com/acme/digits@sha256:${digits}`),
  hex(7).map(tag => `ghcr.io/acme/digits:${tag}`),
);

const cores = fc.oneof(whole(1, 64), fc.constantFrom('500m', '1.5', '250m', '0.1', '2'));

const gpuMemory = { memory: fc.constantFrom('1Gi', '2Gi'), cardMemory: fc.constantFrom('40Gi', '80Gi') };
const product = fc.constantFrom('NVIDIA-A100-SXM4-40GB', 'Tesla-T4');
const profile = fc.constantFrom('1g.5gb', '1g.10gb', '3g.20gb');
const onlyProfile: { requiredKeys: ['profile'] } = { requiredKeys: ['profile'] };
const sharedBy = (most: number) => fc.record({ replicas: whole(2, most) });
const gpu = fc.oneof(
  fc.record({ count: whole(1, 8), product }, { requiredKeys: ['count'] }),
  fc.record({ share: fc.record({ timeSlicing: sharedBy(8) }), product }, { requiredKeys: ['share'] }),
  fc.record({ share: fc.record({ mps: sharedBy(8) }), ...gpuMemory }),
  fc.record({
    share: fc.record({ mig: fc.record({ profile, strategy: fc.constant('mixed') }, onlyProfile) }),
  }),
  fc.record({
    share: fc.record({ mig: fc.record({ profile, strategy: fc.constant('single') }) }),
    product: fc.constantFrom('NVIDIA-A100-SXM4-40GB', 'NVIDIA-H100-80GB-HBM3'),
  }),
  fc.record({
    claim: fc.record(
      {
        class: fc.constantFrom('gpu.nvidia.com', 'gpu.example.com'),
        selector: fc.constantFrom(
          'device.driver == "gpu.nvidia.com"',
          'device.attributes["gpu.nvidia.com"].productName == "A100"',
        ),
        shared: fc.boolean(),
      },
      optional,
    ),
  }),
);

/** A limit is no less than what is set aside. */
const unaccelerated = fc.oneof(
  fc.record({ cpu: cores, memory: sizeBelow(2 ** 31) }, optional),
  fc.record({ cpu: fc.constantFrom('100m', '250m'), cpuLimit: whole(1, 64) }, { requiredKeys: ['cpuLimit'] }),
);

const resources = fc
  .tuple(unaccelerated, fc.option(gpu, { nil: undefined }))
  .map(([one, card]) => ({ ...one, ...(card && { gpu: card }) }));

const average = fc.oneof(whole(1, 1000), fc.constantFrom(0.5, 2.5));
const external = fc.record(
  {
    metric: fc.stringMatching(/^[a-z_]{1,12}$/),
    labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), labelValue, { noNullPrototype: true }),
    average,
  },
  { requiredKeys: ['metric', 'average'] },
);
const prometheus = fc.record(
  {
    server: fc.constantFrom('http://prometheus.monitoring:9090', 'https://prometheus.example.com'),
    query: fc.constantFrom('sum(predictions_in_flight)', 'sum(rate(prediction_requests_total[1m]))'),
    average,
    activation: whole(0, 10),
    fallback: whole(1, 50),
  },
  { requiredKeys: ['server', 'query', 'average'] },
);

const windows = {
  up: fc.record({ window: duration(0, 3_600_000) }, optional),
  down: fc.record({ window: duration(0, 3_600_000) }, optional),
};
const range = (least: number) =>
  fc.tuple(whole(least, 50), whole(1, 50)).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const scaledBy = <T>(by: Readonly<Record<string, fc.Arbitrary<T>>>, least: number) =>
  fc
    .tuple(fc.record(by), range(least), fc.record(windows, optional))
    .map(([kind, between, options]) => ({ ...kind, ...between, ...options }));

const scalingByLoad = fc.oneof(
  scaledBy({ inFlight: whole(1, 64) }, 1),
  scaledBy({ external }, 1),
  scaledBy({ prometheus }, 0),
);
const scalingByCpu = scaledBy({ cpu: whole(1, 100) }, 1);

/** How many pods, of what: cores say nothing of the load of a GPU. */
export const sized = fc.oneof(
  fc.record({ resources, replicas: whole(0, 1000) }, optional),
  fc.record({ resources, scaling: scalingByLoad }, { requiredKeys: ['scaling'] }),
  fc.record({ resources: unaccelerated, scaling: scalingByCpu }, { requiredKeys: ['scaling'] }),
);

const hosts = fc.uniqueArray(dotted, { minLength: 1, maxLength: 2 });
const gateway = fc.record({ name: dotted, namespace: dns, section: dns }, { requiredKeys: ['name'] });
const byMethods = fc.oneof(fc.boolean(), fc.record({ hosts, section: dns }, { requiredKeys: ['hosts'] }));
const router = fc.oneof(
  fc.record({
    gatewayApi: fc.record({ gateway, hosts, grpc: byMethods }, { requiredKeys: ['gateway'] }),
  }),
  fc.record({
    istio: fc.record(
      {
        hosts,
        gateways: fc.uniqueArray(fc.constantFrom('mesh', 'istio-system/ingress', 'own'), { minLength: 1 }),
        subsets: fc.boolean(),
        grpc: fc.boolean(),
      },
      optional,
    ),
  }),
  fc.record({ builtin: fc.record({ replicas: whole(1, 10) }, optional) }),
  fc.record({ replicas: fc.constant({}) }),
);

const token = fc.stringMatching(/^[a-z][-a-z]{0,8}$/);
const sticky = fc.record({ cookie: token, maxAge: duration(0, 86_400_000) }, optional);

/** What splits requests. */
export const traffic = fc
  .tuple(router, fc.record({ timeout: duration(1, 86_400_000), retries: whole(0, 10), sticky }, optional))
  .map(([by, options]) => ({ ...by, ...options }));

/** Requests of a candidate, whatever its weight. */
const match = fc.array(
  fc.oneof(
    fc.record({ header: fc.record({ name: token, value: labelValue }) }),
    fc.record({ cookie: fc.record({ name: token, value: labelValue }) }),
  ),
  { minLength: 1, maxLength: 3 },
);

/** Of a candidate. */
export const trial = { image, match, mirror: whole(1, 100) };

const toleration = fc
  .record(
    {
      key: labelName,
      value: labelValue,
      effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    },
    optional,
  )
  .map(({ value, ...one }) => (one.key === undefined || value === undefined ? one : { ...one, value }));

const metrics = fc.oneof(
  fc.constantFrom({ annotations: {} }, { none: {} }),
  fc.record({
    podMonitor: fc.record({ labels, interval: duration(1000, 300_000), credentials: dotted }, optional),
  }),
);

const network = fc.record(
  {
    from: fc.array(labels, { minLength: 1, maxLength: 2 }),
    to: fc.array(
      fc.record(
        { cidr: fc.constantFrom('10.0.0.0/8', '192.168.1.0/24', 'fd00::/8'), port: whole(1, 65_535) },
        { requiredKeys: ['cidr'] },
      ),
      { maxLength: 2 },
    ),
  },
  optional,
);

const secrets = fc.record({ tls: dotted, predict: dotted, admin: dotted }, optional);

/** Of `spec.kubernetes`, each field that says nothing of another part of the file. */
export const kubernetesFields = {
  namespace: dns,
  fairlead: image,
  models: fc.constantFrom('auto', 'image', 'volume'),
  cache: fc.oneof(fc.record({ size: sizeBelow(2 ** 31) }), fc.record({ claim: dotted })),
  pullSecrets: fc.uniqueArray(dotted, { maxLength: 2 }),
  credentials: dotted,
  env: fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/), fc.stringMatching(/^[ -~]{0,20}$/), {
    noNullPrototype: true,
    maxKeys: 3,
  }),
  serviceAccount: fc.oneof(fc.record({ name: dotted }), fc.record({ annotations })),
  startup: duration(1000, 3_600_000),
  nodeSelector: labels,
  tolerations: fc.array(toleration, { maxLength: 2 }),
  priorityClass: dotted,
  runtimeClass: dotted,
  surge: fc.constantFrom('auto', 'before', 'after'),
  temporary: sizeBelow(2 ** 31),
  labels,
  annotations,
  metrics,
  network,
};

export const kubernetes = fc.record({ ...kubernetesFields, secrets }, optional);

const notice = fc.record(
  { file: fc.stringMatching(/^[a-z]{1,8}$/), budget: duration(1000, 86_400_000) },
  optional,
);

/** Machines that are taken away: a floor of them stays only where it is known whose they are. */
export const spot = fc
  .record(
    {
      cloud: fc.constantFrom('eks', 'karpenter', 'gke', 'gke-autopilot', 'aks'),
      floor: whole(0, 10),
      notice,
    },
    optional,
  )
  .map(({ floor, ...one }) => (one.cloud === undefined || floor === undefined ? one : { ...one, floor }));
