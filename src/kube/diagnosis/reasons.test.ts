import assert from 'node:assert/strict';
import test from 'node:test';
import type { LiveObject } from '../kube-object.ts';
import type { Log } from './containers.ts';
import type { ContainerStatus, Pod } from './pod.ts';
import { logOf } from './pod.ts';
import type { ReasonCode } from './reason.ts';
import { type Observed, reasonsOf } from './reasons.ts';

const meta = (name: string): LiveObject['metadata'] => ({ name, uid: `uid-${name}`, resourceVersion: '1' });

const deployment: LiveObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta('digits-1'),
  spec: { progressDeadlineSeconds: 300 },
};

function failing(kind: 'ReplicaSet' | 'Deployment', condition: object): LiveObject {
  return { ...deployment, kind, status: { conditions: [condition] } };
}

/** A pod with a container `server`, and an init container `pull` where it is given. */
function pod(server: Partial<ContainerStatus>, pull?: Partial<ContainerStatus>, name = 'digits-1-x'): Pod {
  const of = (its: string, status: Partial<ContainerStatus>) => ({
    name: its,
    image: 'acme/digits:2',
    ready: false,
    restartCount: 0,
    ...status,
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name),
    spec: {
      containers: [{ name: 'server', resources: { limits: { memory: '64Mi' } } }],
      initContainers: [{ name: 'pull' }],
    },
    status: {
      phase: 'Pending',
      containerStatuses: [of('server', server)],
      initContainerStatuses: pull === undefined ? [] : [of('pull', pull)],
    },
  };
}

function waiting(reason: string, message?: string): Partial<ContainerStatus> {
  return { state: { waiting: { reason, ...(message !== undefined && { message }) } } };
}

/** Between two runs, of which the last one ended so. */
function backingOff(exitCode: number, reason: string, restartCount = 3): Partial<ContainerStatus> {
  return { ...waiting('CrashLoopBackOff'), lastState: { terminated: { exitCode, reason } }, restartCount };
}

function unscheduled(message: string): Pod {
  const one = pod({});
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return { ...one, status: { phase: 'Pending', conditions: [condition] } };
}

function event(of: string, reason: string, message: string): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: meta('e'),
    reason,
    message,
    involvedObject: { uid: `uid-${of}` },
  };
}

const log = (...lines: string[]): Log => ({ pod: 'digits-1-x', container: 'server', lines });
const quota =
  'pods "digits-1-x" is forbidden: exceeded quota: team-a, requested: limits.memory=2Gi, used: limits.memory=7Gi, limited: limits.memory=8Gi';
const restricted =
  'pods "digits-1-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "server" must set securityContext.allowPrivilegeEscalation=false)';

const cases: readonly {
  name: string;
  seen: Partial<Observed>;
  code: ReasonCode;
  says: string;
  lines?: readonly string[];
}[] = [
  {
    name: 'an image that is not there',
    seen: {
      pods: [
        pod(
          waiting(
            'ErrImagePull',
            'failed to pull and unpack image "docker.io/acme/digits:2": failed to resolve reference "docker.io/acme/digits:2": docker.io/acme/digits:2: not found',
          ),
        ),
      ],
    },
    code: 'image',
    says: 'container server: the image acme/digits:2 cannot be pulled: the registry has no such image',
  },
  {
    name: 'an image that may not be pulled',
    seen: {
      pods: [
        pod(
          waiting(
            'ImagePullBackOff',
            'Back-off pulling image "acme/digits:2": ErrImagePull: 401 Unauthorized',
          ),
        ),
      ],
    },
    code: 'image',
    says: 'container server: the image acme/digits:2 cannot be pulled: the registry does not let it be pulled; spec.kubernetes.imagePullSecrets names a Secret with credentials',
  },
  {
    name: 'an image of a registry that does not answer',
    seen: {
      pods: [
        pod(
          waiting(
            'ImagePullBackOff',
            'Back-off pulling image "acme/digits:2": ErrImagePull: dial tcp 10.0.0.1:443: i/o timeout',
          ),
        ),
      ],
    },
    code: 'image',
    says: 'container server: the image acme/digits:2 cannot be pulled: ErrImagePull: dial tcp 10.0.0.1:443: i/o timeout',
  },
  {
    name: 'an image of which nothing is said',
    seen: { pods: [pod(waiting('ImagePullBackOff'))] },
    code: 'image',
    says: 'container server: the image acme/digits:2 cannot be pulled: ImagePullBackOff',
  },
  {
    name: 'a program that ends',
    seen: { pods: [pod(backingOff(3, 'Error'))], logs: [log('loading', 'cannot load model')] },
    code: 'crash',
    says: 'container server ends with exit code 3, 4 times so far',
    lines: ['loading', 'cannot load model'],
  },
  {
    name: 'a program that is not there',
    seen: {
      pods: [
        pod({
          state: {
            terminated: { exitCode: 128, reason: 'StartError', message: 'exec: "serve": not found in $PATH' },
          },
        }),
      ],
    },
    code: 'crash',
    says: 'container server ends with exit code 128: exec: "serve": not found in $PATH',
  },
  {
    name: 'a program that is killed for its probe',
    seen: { pods: [pod(backingOff(137, 'Error', 1))] },
    code: 'crash',
    says: 'container server ends with exit code 137: it was killed, 2 times so far',
  },
  {
    name: 'too little memory',
    seen: { pods: [pod(backingOff(137, 'OOMKilled'))] },
    code: 'memory',
    says: 'container server was killed, 4 times so far, since it used more memory than its limit of 64Mi (OOMKilled); spec.resources.memory is too small for it, or spec.server holds too much at once',
  },
  {
    name: 'no node with so many GPUs',
    seen: {
      pods: [
        unscheduled(
          '0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
        ),
      ],
    },
    code: 'unschedulable',
    says: 'no node takes the pod: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu',
  },
  {
    name: 'only nodes with a taint',
    seen: {
      pods: [
        unscheduled(
          '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available.',
        ),
      ],
    },
    code: 'unschedulable',
    says: 'no node takes the pod: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s)',
  },
  {
    name: 'a Secret that is not there',
    seen: { pods: [pod(waiting('CreateContainerConfigError', 'secret "digits-keys" not found'))] },
    code: 'configuration',
    says: 'container server cannot be started: secret "digits-keys" not found',
  },
  {
    name: 'an init container that fails',
    seen: {
      pods: [pod(waiting('PodInitializing'), backingOff(2, 'Error'))],
      logs: [{ ...log('s3://models/digits: no such bucket'), container: 'pull' }],
    },
    code: 'crash',
    says: 'init container pull ends with exit code 2, 4 times so far',
    lines: ['s3://models/digits: no such bucket'],
  },
  {
    name: 'a pull that takes long',
    seen: { pods: [pod(waiting('PodInitializing'), { state: { running: {} } })] },
    code: 'init_running',
    says: 'init container pull has not ended yet',
  },
  {
    name: 'a volume that is not there',
    seen: {
      pods: [pod(waiting('ContainerCreating'))],
      events: [
        event('other', 'FailedMount', 'of another pod'),
        event(
          'digits-1-x',
          'FailedMount',
          'MountVolume.SetUp failed for volume "model": secret "m" not found',
        ),
        event('digits-1-x', 'Pulled', 'Container image is present'),
      ],
    },
    code: 'mount',
    says: 'its pod cannot get what it needs: MountVolume.SetUp failed for volume "model": secret "m" not found',
  },
  {
    name: 'a quota',
    seen: {
      deployment: failing('Deployment', { type: 'ReplicaFailure', status: 'True', message: quota }),
    },
    code: 'quota',
    says: 'no pod may be made: the quota team-a, requested: limits.memory=2Gi, used: limits.memory=7Gi, limited: limits.memory=8Gi',
  },
  {
    name: 'Pod Security',
    seen: {
      replicaSet: failing('ReplicaSet', { type: 'ReplicaFailure', status: 'True', message: restricted }),
    },
    code: 'pod_security',
    says: 'no pod may be made: it violates Pod Security "restricted:latest": allowPrivilegeEscalation != false (container "server" must set securityContext.allowPrivilegeEscalation=false)',
  },
  {
    name: 'another refusal of the pod',
    seen: {
      deployment: failing('Deployment', {
        type: 'ReplicaFailure',
        status: 'True',
        message: 'pods "a-" is forbidden: error looking up service account default/digits',
      }),
    },
    code: 'not_created',
    says: 'no pod may be made: it is forbidden: error looking up service account default/digits',
  },
  {
    name: 'a model that loads',
    seen: { pods: [pod({ state: { running: {} }, started: false })], logs: [log('loading weights')] },
    code: 'not_ready',
    says: 'container server runs and has not finished starting',
    lines: ['loading weights'],
  },
  {
    name: 'a server that is not ready',
    seen: { pods: [pod({ state: { running: {} }, started: true })] },
    code: 'not_ready',
    says: 'container server runs and is not ready',
  },
  {
    name: 'a pod that was evicted',
    seen: {
      pods: [
        {
          ...pod({}),
          status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
        },
      ],
    },
    code: 'not_created',
    says: 'pod digits-1-x failed: Evicted: The node was low on memory.',
  },
  {
    name: 'nothing but time',
    seen: {
      deployment: failing('Deployment', {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
      }),
    },
    code: 'no_progress',
    says: 'no pod became available for 600 s',
  },
];

const reasons = (seen: Partial<Observed>) =>
  reasonsOf({
    deployment: { ...(seen.deployment ?? deployment), spec: {} },
    replicaSet: seen.replicaSet,
    pods: seen.pods ?? [],
    events: seen.events ?? [],
    logs: seen.logs ?? [],
  });

for (const { name, seen, code, says, lines = [] } of cases)
  test(`it is said why no pod comes up: ${name}`, () => {
    assert.deepEqual(reasons(seen), [{ code, sentence: says, lines }]);
  });

test('a deployment whose pods are all ready has no reason', () => {
  const ready = pod({
    state: { running: {} },
    ready: true,
    lastState: { terminated: { exitCode: 3 } },
  });
  assert.deepEqual(reasons({ pods: [ready] }), []);
});

test('three pods with one trouble have one reason, however often each restarted', () => {
  const pods = [1, 2, 3].map(times => pod(backingOff(3, 'Error', times), undefined, `digits-1-${times}`));
  assert.equal(reasons({ pods }).length, 1);
});

test('the most telling reason comes first', () => {
  const stuck = failing('Deployment', {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
  });
  const pods = [
    pod({ state: { running: {} } }),
    pod(waiting('ErrImagePull', 'not found'), undefined, 'other'),
  ];
  assert.deepEqual(
    reasons({ deployment: stuck, pods }).map(({ code }) => code),
    ['image', 'not_ready', 'no_progress'],
  );
});

test('a side-car that runs beside the others is none that has to end', () => {
  const one = pod({ state: { running: {} }, ready: true }, { state: { running: {} }, ready: true });
  const sidecar = {
    ...one,
    spec: { ...one.spec, initContainers: [{ name: 'pull', restartPolicy: 'Always' }] },
  };
  assert.deepEqual(reasons({ pods: [sidecar] }), []);
});

const logs: readonly (readonly [name: string, pods: readonly Pod[], found: ReturnType<typeof logOf>])[] = [
  [
    'of the run before the one that waits',
    [pod(backingOff(3, 'Error'))],
    { pod: 'digits-1-x', container: 'server', isPrevious: true },
  ],
  [
    'of the run that has just ended',
    [pod({ state: { terminated: { exitCode: 3 } } })],
    { pod: 'digits-1-x', container: 'server', isPrevious: false },
  ],
  [
    'of the one that is not ready',
    [pod({ state: { running: {} } })],
    { pod: 'digits-1-x', container: 'server', isPrevious: false },
  ],
  ['of none where none has run', [pod(waiting('ErrImagePull'))], undefined],
];

for (const [name, pods, found] of logs)
  test(`the log is read ${name}`, () => assert.deepEqual(logOf(pods), found));
