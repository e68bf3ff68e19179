import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { keyValues, tracingSettings, unusableEndpoint } from './environment.ts';

const resource = { 'service.name': 'digits' };
const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

const endpoints: readonly {
  name: string;
  told?: string;
  env: Record<string, string>;
  endpoint: string | undefined;
}[] = [
  { name: 'nothing says so', env: {}, endpoint: undefined },
  { name: 'the file says it', told: 'http://a/v1/traces', env: BASE, endpoint: 'http://a/v1/traces' },
  { name: 'a base, whose path is added', env: BASE, endpoint: 'http://collector:4318/v1/traces' },
  {
    name: 'a base with a path and a slash',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c/otlp/' },
    endpoint: 'http://c/otlp/v1/traces',
  },
  {
    name: 'an address for traces, as it is',
    env: { ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/x' },
    endpoint: 'https://t/x',
  },
  { name: 'what is no address', env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, endpoint: undefined },
  { name: 'an exporter that is none', env: { ...BASE, OTEL_TRACES_EXPORTER: 'none' }, endpoint: undefined },
  {
    name: 'all of it turned off',
    told: 'http://a/v1/traces',
    env: { OTEL_SDK_DISABLED: 'true' },
    endpoint: undefined,
  },
];

for (const { name, told, env, endpoint } of endpoints) {
  test(`where spans go: ${name}`, () =>
    assert.equal(tracingSettings({ endpoint: told, resource }, env)?.endpoint, endpoint));
}

test('a variable that no span can be sent by is named, and not what it holds', () => {
  const named = (env: Record<string, string>): unknown => unusableEndpoint(env);
  assert.equal(named({}), undefined);
  assert.equal(named(BASE), undefined);
  assert.equal(named({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }), 'OTEL_EXPORTER_OTLP_ENDPOINT');
  assert.equal(
    named({ ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://' }),
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  );
  assert.equal(named({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector', OTEL_TRACES_EXPORTER: 'none' }), undefined);
});

const samplers: readonly {
  env: Record<string, string>;
  told?: number;
  sample: number;
  parentBased: boolean;
}[] = [
  { env: {}, sample: 0.01, parentBased: true },
  { env: {}, told: 0.5, sample: 0.5, parentBased: true },
  { env: { OTEL_TRACES_SAMPLER: 'always_off' }, told: 0.5, sample: 0.5, parentBased: true },
  { env: { OTEL_TRACES_SAMPLER: 'always_on' }, sample: 1, parentBased: false },
  { env: { OTEL_TRACES_SAMPLER: 'always_off' }, sample: 0, parentBased: false },
  {
    env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    sample: 0.25,
    parentBased: false,
  },
  { env: { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, sample: 1, parentBased: true },
  { env: { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, sample: 0, parentBased: true },
  {
    env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    sample: 0.25,
    parentBased: true,
  },
  { env: { OTEL_TRACES_SAMPLER_ARG: 'much' }, sample: 0.01, parentBased: true },
  { env: { OTEL_TRACES_SAMPLER_ARG: '' }, sample: 0.01, parentBased: true },
  { env: { OTEL_TRACES_SAMPLER_ARG: '7' }, sample: 0.01, parentBased: true },
];

for (const { env, told, sample, parentBased } of samplers) {
  test(`what is sampled with ${JSON.stringify(env)} and ${told ?? 'nothing'} in the file`, () => {
    const found = tracingSettings({ sample: told, resource }, { ...BASE, ...env });
    assert.deepEqual([found?.sample, found?.parentBased], [sample, parentBased]);
  });
}

test('whose spans they are: the name of the environment wins, then its attributes, then ours', () => {
  const env = {
    ...BASE,
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,deployment.environment=pro%20d,broken,x=%E0',
  };
  const found = tracingSettings({ resource }, env)?.resource;
  assert.deepEqual(found, { 'service.name': 'a', 'deployment.environment': 'pro d' });
  assert.equal(
    tracingSettings({ resource }, { ...env, OTEL_SERVICE_NAME: 'b' })?.resource['service.name'],
    'b',
  );
});

test('pairs are read back as they were escaped', () => {
  const pairs = fc.dictionary(fc.stringMatching(/^[a-z.]{1,9}$/), fc.string({ unit: 'grapheme' }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(pairs, all => {
      const text = Object.entries(all)
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join();
      assert.deepEqual(keyValues(text), all);
    }),
  );
});
