import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../../fixtures/release.ts';
import { gatewayObjects } from './gateway.ts';

const candidate = { model: { uri: './models/other' }, weight: 10 };

interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly priorityClassName?: string;
  readonly imagePullSecrets?: readonly object[];
  readonly tolerations?: readonly object[];
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env?: readonly object[];
    readonly image: string;
    readonly terminationMessagePolicy: string;
    readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly volumeMounts: readonly object[];
  }[];
  readonly volumes: readonly object[];
}

interface Deployment {
  readonly replicas: number;
  readonly selector: { readonly matchLabels: object };
  readonly template: {
    readonly metadata: { readonly labels: object; readonly annotations?: object };
    readonly spec: Pod;
  };
}

function made(spec: object) {
  const objects = gatewayObjects(releaseOf(spec));
  const deployment = objects.find(({ kind }) => kind === 'Deployment')?.['spec'] as Deployment;
  const pod = deployment.template.spec;
  return { objects, deployment, pod, container: pod.containers[0] };
}

test('the plan comes before the pods that read it', () => {
  const { objects } = made({ candidate });
  assert.deepEqual(
    objects.map(({ kind, metadata }) => [kind, metadata.name]),
    [
      ['ConfigMap', 'digits-gateway'],
      ['Deployment', 'digits-gateway'],
      ['PodDisruptionBudget', 'digits-gateway'],
    ],
  );
});

test('the plan is in a folder, which is seen to change, and a change of it starts no pods', () => {
  const { container, pod } = made({ candidate });
  assert.deepEqual(container?.args.slice(0, 3), ['gateway', '--plan', '/etc/fairlead/gateway/plan.json']);
  assert.deepEqual(container.volumeMounts, [
    { name: 'plan', mountPath: '/etc/fairlead/gateway', readOnly: true },
  ]);
  assert.deepEqual(pod.volumes, [{ name: 'plan', configMap: { name: 'digits-gateway' } }]);
  const other = made({ candidate: { ...candidate, weight: 50 } });
  assert.deepEqual(other.deployment, made({ candidate }).deployment);
  assert.notDeepEqual(other.objects[0], made({ candidate }).objects[0]);
});

test('there are two pods, or as many as the file says', () => {
  assert.equal(made({ candidate }).deployment.replicas, 2);
  assert.equal(made({ candidate, traffic: { builtin: { replicas: 5 } } }).deployment.replicas, 5);
});

test('pods wait for balancers, for what the drain of the file leaves of that, and then drain', () => {
  const usual = made({ candidate });
  assert.equal(usual.container?.lifecycle?.preStop.sleep.seconds, 10);
  assert.equal(usual.pod.terminationGracePeriodSeconds, 45);
  const delayed = made({ candidate, server: { drain: { delay: '12s', grace: '20s' } } });
  assert.equal(delayed.container?.lifecycle, undefined);
  assert.equal(delayed.pod.terminationGracePeriodSeconds, 25);
});

test('a gateway of servers without gRPC has none', () => {
  const runtime = { custom: { command: ['serve'], protocol: 'v2' } };
  const { container } = made({ candidate, runtime });
  assert.deepEqual(container?.args.slice(-2), ['--grpc-port', 'off']);
  assert.deepEqual(
    container.ports.map(({ name }) => name),
    ['http'],
  );
});

test('pods have what the file says of all pods', () => {
  const kubernetes = {
    fairlead: 'registry.example/gateway:1',
    pullSecrets: ['pull'],
    priorityClass: 'high',
    env: { NOTE: '$(HOME) $$' },
    tolerations: [{ key: 'dedicated', value: 'ml' }],
    annotations: { note: 'yes' },
    labels: { team: 'ml' },
  };
  const { deployment, pod, container } = made({ candidate, kubernetes });
  assert.deepEqual(container?.env, [{ name: 'NOTE', value: '$$(HOME) $$$' }]);
  assert.equal(container.image, 'registry.example/gateway:1');
  assert.deepEqual(pod.imagePullSecrets, [{ name: 'pull' }]);
  assert.equal(pod.priorityClassName, 'high');
  assert.deepEqual(deployment.template.metadata.annotations, { note: 'yes' });
  assert.equal((deployment.template.metadata.labels as { team: string }).team, 'ml');
  assert.deepEqual(deployment.selector.matchLabels, { app: 'digits', component: 'gateway' });
  assert.equal(pod.tolerations?.length, 1);
});

test('why a gateway ended is in its status', () => {
  assert.equal(made({ candidate }).container?.terminationMessagePolicy, 'FallbackToLogsOnError');
});

test('an empty variable of a gateway has no value, as the API server keeps it', () => {
  const { container } = made({ candidate, kubernetes: { env: { EMPTY: '' } } });
  assert.deepEqual(container?.env, [{ name: 'EMPTY' }]);
});
