import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { claimsOf } from './claim.ts';

const claimed = (gpu: object, spec: object = {}, name = 'digits') => {
  const release = releaseOf({ ...spec, resources: { gpu } }, { name, namespace: 'models' });
  const [object] = claimsOf(release, release.arms[0]);
  assert.ok(object !== undefined);
  return { object, revision: release.arms[0].deployed.revision.name };
};

const request = (more: object) => ({
  devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.nvidia.com', ...more } }] },
});

test('a service without a claim has none', () => {
  const release = releaseOf({ resources: { gpu: { count: 1 } } });
  assert.deepEqual(claimsOf(release, release.arms[0]), []);
});

test('pods that share a device name one claim', () => {
  const { object, revision } = claimed({ claim: { shared: true } });
  const { apiVersion, kind, metadata, ...rest } = object;
  assert.deepEqual([apiVersion, kind], ['resource.k8s.io/v1', 'ResourceClaim']);
  assert.match(metadata.name, new RegExp(`^${revision}-[0-9a-f]{8}$`));
  assert.equal(metadata.namespace, 'models');
  assert.equal(metadata.labels?.['version'], revision);
  assert.deepEqual(rest, { spec: request({}) });
});

test('pods with a device each are given a template', () => {
  const { kind, spec } = claimed({ claim: {} }).object;
  assert.equal(kind, 'ResourceClaimTemplate');
  assert.deepEqual(spec, { spec: request({}) });
});

test('a device is chosen by what the file says of it', () => {
  const gpu = { claim: { selector: 'true' }, product: 'NVIDIA-A100-SXM4-40GB', memory: '9Gi' };
  const expressions = [
    'true',
    "device.attributes['gpu.nvidia.com'].productName.replace(' ', '-') == 'NVIDIA-A100-SXM4-40GB'",
    "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('10240Mi')) >= 0",
  ];
  const selectors = expressions.map(expression => ({ cel: { expression } }));
  assert.deepEqual(claimed(gpu).object['spec'], { spec: request({ selectors }) });
});

test('a device of another class is asked for', () => {
  const { spec } = claimed({ claim: { class: 'mig.nvidia.com', shared: true } }).object;
  assert.deepEqual(spec, request({ deviceClassName: 'mig.nvidia.com' }));
});

test('a shared device has memory for as many pods as there may be', () => {
  const gpu = { claim: { shared: true }, memory: '9Gi' };
  assert.match(JSON.stringify(claimed(gpu, { replicas: 3 }).object), /quantity\('30720Mi'\)/);
  const scaling = { min: 1, max: 4, inFlight: 8 };
  assert.match(JSON.stringify(claimed(gpu, { scaling }).object), /quantity\('40960Mi'\)/);
});

test('what is asked for decides the name, since no claim can be changed', () => {
  const gpus = [
    { claim: {} },
    { claim: {}, memory: '9Gi' },
    { claim: {}, product: 'Tesla-T4' },
    { claim: { selector: 'true' } },
    { claim: { class: 'mig.nvidia.com' } },
    { claim: { shared: true }, memory: '19Gi' },
  ];
  const names = gpus.map(gpu => claimed(gpu).object.metadata.name);
  assert.equal(new Set(names).size, gpus.length);
  assert.deepEqual(
    names,
    gpus.map(gpu => claimed(gpu).object.metadata.name),
  );
});

test('the longest name is one that Kubernetes takes', () => {
  const { name } = claimed({ claim: {} }, {}, 'a'.repeat(40)).object.metadata;
  assert.ok(name.length <= 63, name);
});
