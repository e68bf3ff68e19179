/** What is rendered for the golden files: a few whole services, so that each kind of object is there and few are there twice. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type KubeObject, objectsOf } from '#manifests';
import { releaseOf } from '../../src/manifests/fixtures/release.ts';

interface GoldenCase {
  /** Of its file, without `.yaml`. */
  readonly name: string;
  /** As a service file has it. */
  readonly spec: object;
}

const candidate = { model: { uri: './models/2' }, weight: 10 };

export const cases: readonly GoldenCase[] = [
  { name: 'example-digits', spec: exampleSpec('digits') },
  {
    name: 'gateway-api-scaled',
    spec: {
      candidate: { ...candidate, match: [{ header: { name: 'x-cohort', value: 'trial' } }] },
      scaling: { min: 2, max: 10, cpu: 70 },
      traffic: {
        gatewayApi: { gateway: { name: 'public', namespace: 'gateways' }, hosts: ['a.example'], grpc: true },
      },
      kubernetes: { namespace: 'ml', pullSecrets: ['registry'], env: { AWS_REGION: 'eu-central-1' } },
    },
  },
  {
    name: 'istio-sticky',
    spec: {
      candidate,
      replicas: 2,
      traffic: { istio: { subsets: true }, sticky: {}, retries: 1 },
      kubernetes: { metrics: { podMonitor: {} } },
    },
  },
  {
    name: 'gpu-spot-pulled',
    spec: {
      model: { uri: 's3://bucket/digits/3' },
      runtime: { onnx: { provider: 'cuda' } },
      scaling: {
        min: 2,
        max: 8,
        prometheus: { server: 'http://prometheus:9090', query: 'sum(a)', average: 5 },
      },
      resources: { gpu: { count: 1, product: 'NVIDIA-L4' } },
      capacity: { spot: { cloud: 'eks', floor: 1 } },
    },
  },
  { name: 'triton', spec: { repository: { uri: 'gs://bucket/repository' }, runtime: { triton: {} } } },
];

/** What a case comes to, in the order in which it is applied. */
export function renderedCase({ name, spec }: GoldenCase): readonly KubeObject[] {
  const found = objectsOf(releaseOf(spec));
  assert.ok(found.ok, found.ok ? '' : `${name}: ${JSON.stringify(found.error)}`);
  return found.value;
}

function exampleSpec(name: string): object {
  const file = join(import.meta.dirname, '../../examples', name, 'fairlead.yaml');
  const { spec }: { spec: object } = parse(readFileSync(file, 'utf8'));
  return spec;
}
