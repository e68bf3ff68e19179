/**
 * `fairlead apply` against a real API server: make before break, run again, held and failed, numbers of pods handed over, reasons
 * why pods do not come up, and a delete that leaves nothing and touches nothing else.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError, systemClock } from '#base';
import {
  applyRelease,
  type Cluster,
  deleteRelease,
  openCluster,
  releaseLine,
  type WantedObject,
} from '#kube';
import { Unavailable } from '../differential/peers/python.ts';
import { alone, isRoute, objectsOf, type Pods, SERVICE, split } from './applied-service.ts';
import { Cluster as Kubectl } from './kubectl.ts';

const REASON_MS = 25_000;

/** The exit code. */
export async function applyOnCluster(): Promise<number> {
  const kubeconfig = process.env['FAIRLEAD_TEST_KUBECONFIG'];
  if (kubeconfig === undefined || kubeconfig === '')
    throw new Unavailable('FAIRLEAD_TEST_KUBECONFIG is not set');
  const kubectl = new Kubectl(kubeconfig, `fairlead-apply-${randomBytes(4).toString('hex')}`);
  const { namespace } = kubectl;
  const ended = new AbortController();
  await kubectl.run(['create', 'namespace', namespace]);
  const cluster = await openCluster({ kubeconfig, namespace, signal: ended.signal });
  try {
    const journey = new Journey(cluster, kubectl);
    await journey.switches();
    await journey.numbers();
    await journey.routes();
    await journey.refusals();
    await journey.reasons();
    await journey.end();
  } finally {
    cluster.close();
    await kubectl.run(['delete', 'namespace', namespace, '--wait=false']);
  }
  return 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

class Journey {
  readonly #cluster: Cluster;
  readonly #kubectl: Kubectl;
  readonly #image = process.env['FAIRLEAD_TEST_BUSYBOX_IMAGE'] ?? 'busybox:1';
  #lines: string[] = [];

  constructor(cluster: Cluster, kubectl: Kubectl) {
    this.#cluster = cluster;
    this.#kubectl = kubectl;
  }

  async switches(): Promise<void> {
    assert.equal(await this.#apply(this.#alone({ revision: 'r1', replicas: 2 })), 'done');
    await this.#apply(this.#alone({ revision: 'r1', replicas: 2 }));
    assert.deepEqual(
      this.#lines.filter(line => /(?: created| changed|deleted)$/.test(line)),
      [],
    );
    say('a first release is there, and the same again changes nothing');
    const next = this.#alone({ revision: 'r2', replicas: 2 });
    assert.equal(await this.#apply(next, { wait: false }), 'held');
    assert.equal(await this.#pointer(), 'r1');
    const watcher = this.#watchPointer();
    assert.equal(await this.#apply(next), 'done');
    assert.deepEqual(await watcher(), []);
    assert.equal(await this.#pointer(), 'r2');
    assert.equal(await this.#get('deployments'), 'r2');
    say('the next one is held without --wait, and with it takes over once its pods are there');
  }

  async numbers(): Promise<void> {
    await this.#kubectl.run(['scale', 'deployment/r2', '--replicas=3']);
    await assert.rejects(this.#apply(this.#alone({ revision: 'r2', replicas: 2 })), {
      code: 'apply_conflict',
      message: 'Deployment r2: .spec.replicas is set by kubectl',
    });
    await this.#apply(this.#alone({ revision: 'r2', replicas: 3 }), { force: true });
    const seen = this.#watchReplicas('r2');
    await this.#apply(this.#alone({ revision: 'r2' }));
    await this.#apply(this.#alone({ revision: 'r2' }));
    await this.#apply(this.#alone({ revision: 'r2', replicas: 3 }));
    assert.deepEqual(await seen(), [3]);
    assert.equal(await this.#get('hpa'), '');
    say('an autoscaler takes over the number of pods and gives it back, and there are 3 all the while');
  }

  async routes(): Promise<void> {
    const kinds = await this.#cluster.resources();
    if (kinds.preferred('gateway.networking.k8s.io', 'HTTPRoute') === undefined)
      return say('there is no Gateway API here: routes are not looked at');
    const [stable, candidate] = ['r2', 'r3'].map(revision => ({ revision, replicas: 1, image: this.#image }));
    if (stable === undefined || candidate === undefined) return undefined;
    const both = [...alone({ ...stable, replicas: 3 }), ...objectsOf(candidate), split({ r2: 90, r3: 10 })];
    const outcome = await this.#apply(both, { wait: false }).catch(String);
    assert.equal(outcome, 'held');
    const before = await this.#generation('r3');
    await this.#apply([...alone(candidate)]);
    assert.equal(await this.#generation('r3'), before);
    assert.equal(await this.#get('httproutes'), '');
    assert.equal(await this.#get('deployments'), 'r3');
    say(
      'a candidate becomes the stable one without new pods, and the route that is no longer wanted is gone',
    );
  }

  async refusals(): Promise<void> {
    const before = await this.#get('all');
    const wrong = { ...this.#pods({ revision: 'r9', replicas: 1, container: { imagee: 'x' } }) };
    await assert.rejects(this.#apply(alone(wrong)), {
      code: 'object_refused',
      message:
        'Deployment r9, .spec.template.spec.containers[name="server"].imagee: the cluster knows no such field',
    });
    const unknown = { ...split({ r3: 1 }), apiVersion: 'acme.io/v1', kind: 'Rollout' };
    await assert.rejects(this.#apply([...this.#alone({ revision: 'r9', replicas: 1 }), unknown]), {
      code: 'kind_unknown',
    });
    assert.equal(await this.#get('all'), before);
    say('what the API server refuses stops a release before anything is written');
  }

  async reasons(): Promise<void> {
    for (const { name, pods, says, prepare, undo } of REASONS) {
      if (prepare !== undefined) await this.#kubectl.run(this.#here(prepare));
      const error = await this.#apply(this.#alone({ revision: 'r8', replicas: 1, ...pods }), {
        timeoutMs: REASON_MS,
        isOver: () => this.#lines.some(line => says.test(line)),
      }).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof AppError && error.code === 'rollout_failed', `${name}: ${String(error)}`);
      assert.match(`${this.#lines.join('\n')}\n${error.message}`, says, name);
      assert.equal(await this.#pointer(), 'r3', name);
      if (undo !== undefined) await this.#kubectl.run(this.#here(undo));
      await this.#kubectl.run(['delete', 'deployment', 'r8', '--wait', '--ignore-not-found']);
      say(`it is said why no pod comes up: ${name}`);
    }
  }

  async end(): Promise<void> {
    await this.#kubectl.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'theirs',
        labels: { 'app.kubernetes.io/managed-by': 'fairlead', 'app.kubernetes.io/instance': SERVICE },
      },
    });
    await deleteRelease(SERVICE, this.#cluster, { wait: true, timeoutMs: 60_000, ...this.#around() });
    assert.equal(await this.#get('deployments,services,hpa'), '');
    assert.match(await this.#get('configmaps'), /theirs/);
    say('a delete leaves nothing of the service, and what others put there');
  }

  #here(args: readonly string[]): readonly string[] {
    return args.map(one => (one === NAMESPACE ? this.#kubectl.namespace : one));
  }

  #pods(pods: Omit<Pods, 'image'>): Pods {
    return { image: this.#image, ...pods };
  }

  #alone(pods: Omit<Pods, 'image'>): readonly WantedObject[] {
    return alone(this.#pods(pods));
  }

  #around() {
    this.#lines = [];
    return {
      tell: (progress: Parameters<typeof releaseLine>[0]) => void this.#lines.push(releaseLine(progress)),
      clock: systemClock,
      sleep: (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }),
      signal: new AbortController().signal,
    };
  }

  /** `isOver` has a wait end before its time. */
  #apply(
    objects: readonly WantedObject[],
    more: { wait?: boolean; force?: boolean; timeoutMs?: number; isOver?: () => boolean } = {},
  ) {
    const { isOver, ...options } = more;
    const around = this.#around();
    const clock = { ...around.clock, now: () => systemClock.now() + (isOver?.() === true ? 3_600_000 : 0) };
    const release = { service: SERVICE, objects, isRoute };
    const usual = { wait: true, timeoutMs: 60_000, drainMs: 1_000, force: false };
    return applyRelease(release, this.#cluster, { ...usual, ...around, clock, ...options });
  }

  async #get(kinds: string): Promise<string> {
    const found = await this.#kubectl.run([
      'get',
      kinds,
      '-l',
      `app.kubernetes.io/instance=${SERVICE}`,
      '-o',
      'jsonpath={.items[*].metadata.name}',
    ]);
    return found.trim();
  }

  #pointer(): Promise<string> {
    return this.#kubectl.run(['get', 'service', SERVICE, '-o', 'jsonpath={.spec.selector.version}']);
  }

  #generation(name: string): Promise<string> {
    return this.#kubectl.run(['get', 'deployment', name, '-o', 'jsonpath={.metadata.generation}']);
  }

  /** Looks again and again whether the Service points to pods; gives the times that it did not. */
  #watchPointer(): () => Promise<readonly string[]> {
    return this.#looking(async () => {
      const at = await this.#cluster.get({ apiVersion: 'v1', kind: 'Service', name: SERVICE });
      const { selector } = (at?.['spec'] ?? {}) as { selector?: { version?: string } };
      const name = selector?.version ?? '';
      const live = await this.#cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name });
      const { availableReplicas = 0 } = (live?.['status'] ?? {}) as { availableReplicas?: number };
      return availableReplicas > 0 ? undefined : name;
    });
  }

  #watchReplicas(name: string): () => Promise<readonly (number | undefined)[]> {
    return this.#looking(async () => {
      const live = await this.#cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name });
      return ((live?.['spec'] ?? {}) as { replicas?: number }).replicas;
    });
  }

  #looking<T>(look: () => Promise<T | undefined>): () => Promise<readonly T[]> {
    const ended = new AbortController();
    const found = new Set<T>();
    const looking = (async () => {
      while (!ended.signal.aborted) {
        const one = await look();
        if (one !== undefined) found.add(one);
        await pause(20);
      }
      return [...found];
    })();
    return () => {
      ended.abort();
      return looking;
    };
  }
}

const quota = ['create', 'quota', 'tight', '--hard=requests.memory=1Mi'];
/** Stands for the one of the run. */
const NAMESPACE = '(namespace)';
const enforce = 'pod-security.kubernetes.io/enforce';

const REASONS: readonly {
  readonly name: string;
  readonly pods: Partial<Pods>;
  readonly says: RegExp;
  readonly prepare?: readonly string[];
  readonly undo?: readonly string[];
}[] = [
  {
    name: 'no such image',
    pods: { image: 'no-such-image:1' },
    says: /no-such-image:1 cannot be pulled: the registry has no such image/,
  },
  {
    name: 'a program that ends',
    pods: { container: { command: ['sh', '-c', 'echo cannot load the model; exit 3'] } },
    says: /container server ends with exit code 3.*\n {4}cannot load the model/,
  },
  {
    name: 'too little memory',
    pods: { container: { command: ['tail', '/dev/zero'], resources: { limits: { memory: '24Mi' } } } },
    says: /more memory than its limit of 24Mi \(OOMKilled\)/,
  },
  {
    name: 'no node with so many processors',
    pods: { container: { resources: { requests: { cpu: '900' } } } },
    says: /no node takes the pod: .* Insufficient cpu/,
  },
  {
    name: 'a Secret that is not there',
    pods: {
      container: { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'missing', key: 'k' } } }] },
    },
    says: /container server cannot be started: secret "missing" not found/,
  },
  {
    name: 'a volume that is not there',
    pods: {
      container: { volumeMounts: [{ name: 'model', mountPath: '/m' }] },
      pod: { volumes: [{ name: 'model', configMap: { name: 'missing' } }] },
    },
    says: /its pod cannot get what it needs: .*configmap "missing" not found/,
  },
  {
    name: 'an init container that fails',
    pods: {
      pod: {
        initContainers: [
          { name: 'pull', image: 'busybox:1', command: ['sh', '-c', 'echo no such bucket; exit 2'] },
        ],
      },
    },
    says: /init container pull ends with exit code 2.*\n {4}no such bucket/,
  },
  {
    name: 'a model that loads and loads',
    pods: {
      container: {
        command: ['sh', '-c', 'echo loading weights; sleep 1000'],
        startupProbe: { tcpSocket: { port: 8501 }, failureThreshold: 300 },
      },
    },
    says: /container server runs and has not finished starting\n {4}loading weights/,
  },
  {
    name: 'a quota',
    pods: {},
    says: /no pod may be made: the quota tight, requested: requests\.memory=16Mi/,
    prepare: quota,
    undo: ['delete', 'quota', 'tight'],
  },
  {
    name: 'Pod Security',
    pods: { container: { securityContext: { allowPrivilegeEscalation: true } } },
    says: /no pod may be made: it violates Pod Security "restricted:latest": allowPrivilegeEscalation != false/,
    prepare: ['label', 'namespace', NAMESPACE, `${enforce}=restricted`],
    undo: ['label', 'namespace', NAMESPACE, `${enforce}-`],
  },
];
