/**
 * A release on a cluster, make before break: pods first, what points to them once they are there, and what is no longer wanted after
 * that. It goes by what is there and keeps nothing besides, so whoever is stopped at any point may simply run it again.
 */
import type { Cluster } from '../cluster.ts';
import { keyOf, type LiveObject, refOf, type WantedObject } from '../kube-object.ts';
import { told, UNTOLD_MS } from './followed.ts';
import { isAutoscaler, isFront, ownedBy } from './owned.ts';
import { begun, replicasOf, targetOf } from './replicas.ts';
import { rolloutState } from './rollout-state.ts';
import { type Run, type RunOptions, removeAll } from './run.ts';
import { deploymentsOf, type Patience, rolledOut, takenOn } from './waiting.ts';
import { wavesOf } from './waves.ts';
import { type Planned, planned, rehearsed, write } from './writing.ts';

export interface ReleaseObjects {
  readonly service: string;
  readonly objects: readonly WantedObject[];
  /** Whether it points requests to pods, and so is written only once those are there. */
  isRoute(object: WantedObject): boolean;
}

export interface ApplyReleaseOptions extends RunOptions {
  /** Until all is rolled out and in force; else only as far as that is so already. */
  readonly wait: boolean;
  /** For all waiting together. Milliseconds. */
  readonly timeoutMs: number;
  /** Between the last change of a route and the end of what it pointed to: for what is on its way. Milliseconds. */
  readonly drainMs: number;
  /** Takes over fields that others have set. */
  readonly force: boolean;
  /** Has all of it checked, and writes nothing. */
  readonly isRehearsal?: boolean;
}

/** `held`: requests go where they went before, since the new pods are not there yet. */
export type Outcome = 'done' | 'held' | 'rehearsed';

/** Throws rollout_failed where it waits and pods do not come up; requests then go where they went before. */
export async function applyRelease(
  release: ReleaseObjects,
  cluster: Cluster,
  options: ApplyReleaseOptions,
): Promise<Outcome> {
  const { service } = release;
  const namespace = release.objects[0]?.metadata.namespace ?? cluster.namespace;
  const run: Run = { ...options, cluster, service, namespace };
  const seen = await look(run, release);
  // KEDA refuses a second autoscaler beside one that is still there, in rehearsal too.
  const isReplaced = seen.surplus.some(isAutoscaler);
  const checked = seen.plan.filter(({ wanted }) => !(isReplaced && isAutoscaler(wanted)));
  const changed = await rehearsed(run, checked, options.force);
  if (options.isRehearsal === true) return 'rehearsed';
  return new Applying(run, release, options, { ...seen, changed }).go();
}

interface Seen {
  readonly plan: readonly Planned[];
  /** Ours, and no longer wanted. */
  readonly surplus: readonly LiveObject[];
  readonly deployments: readonly LiveObject[];
  readonly changed: ReadonlySet<WantedObject>;
}

async function look(run: Run, { service, objects }: ReleaseObjects): Promise<Omit<Seen, 'changed'>> {
  const { cluster, namespace } = run;
  const [plan, owned, deployments] = await Promise.all([
    planned(run, objects),
    ownedBy(service, cluster, namespace),
    deploymentsOf(run),
  ]);
  if (owned.unseen.length > 0) run.tell({ kind: 'unseen', kinds: owned.unseen });
  const wanted = new Set(objects.map(object => keyOf(refOf(object), namespace)));
  const surplus = owned.objects.filter(
    one => one.metadata.deletionTimestamp === undefined && !wanted.has(keyOf(refOf(one), namespace)),
  );
  return { plan, surplus, deployments };
}

class Applying {
  readonly #run: Run;
  readonly #release: ReleaseObjects;
  readonly #options: ApplyReleaseOptions;
  readonly #seen: Seen;
  readonly #patience: Patience;
  readonly #serves: boolean;

  constructor(run: Run, release: ReleaseObjects, options: ApplyReleaseOptions, seen: Seen) {
    this.#run = run;
    this.#release = release;
    this.#options = options;
    this.#seen = seen;
    this.#serves = seen.deployments.some(one => rolloutState(one).hasServed);
    const outcome = this.#serves ? 'requests go where they went before' : 'requests go nowhere yet';
    this.#patience = { wait: options.wait, until: run.clock.now() + options.timeoutMs, outcome };
  }

  async go(): Promise<Outcome> {
    const { service, objects } = this.#release;
    const { pods, followed, entries } = wavesOf(
      service,
      objects,
      object => this.#release.isRoute(object),
      object => this.#live(object) !== undefined,
    );
    await this.#retire();
    await this.#write(pods.map(object => this.#begun(object)));
    if (!(await this.#open(pods, [...followed, ...entries])))
      return this.#held('the new pods are not ready yet');
    await this.#write(followed);
    const isTold = await told(this.#run, followed);
    await this.#write(entries);
    return this.#finish(entries, isTold ? this.#options.drainMs : Math.max(UNTOLD_MS, this.#options.drainMs));
  }

  /** An autoscaler that is no longer wanted goes before anything else would set the same count, or be refused beside it. */
  async #retire(): Promise<void> {
    const { cluster } = this.#run;
    const names = this.#release.objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(one => one.metadata.name);
    for (const one of this.#seen.surplus.filter(isAutoscaler)) {
      const whole = await cluster.get(refOf(one));
      const target = whole === undefined ? undefined : targetOf(whole);
      if (target !== undefined && names.includes(target)) await removeAll(this.#run, [one]);
    }
  }

  async #write(objects: readonly WantedObject[]): Promise<void> {
    const all = objects.map(wanted => ({ wanted, live: this.#live(wanted) }));
    await write(this.#run, all, this.#options.force);
  }

  #begun(wanted: WantedObject): WantedObject {
    if (this.#live(wanted) !== undefined) return wanted;
    const { objects } = this.#release;
    return begun(wanted, objects, isAlone(objects) ? mostOf(this.#seen.deployments) : 0);
  }

  #live(wanted: WantedObject): LiveObject | undefined {
    return this.#seen.plan.find(one => isOne(one.wanted, wanted))?.live;
  }

  /** Whether what comes next may be written, now that these are. */
  async #open(pods: readonly WantedObject[], next: readonly WantedObject[]): Promise<boolean> {
    const { changed, surplus } = this.#seen;
    const isSwitch = next.some(object => changed.has(object)) || surplus.some(isNeeded);
    if (!this.#options.wait && !(this.#serves && isSwitch)) return true;
    return rolledOut(this.#run, pods, this.#patience);
  }

  async #finish(entries: readonly WantedObject[], drainMs: number): Promise<Outcome> {
    const { surplus } = this.#seen;
    const { wait } = this.#options;
    const isBreaking = this.#serves && surplus.some(isNeeded);
    if (isBreaking) await this.#drain(drainMs);
    const scalers = wait ? this.#release.objects.filter(isAutoscaler) : [];
    const isInForce =
      !(wait || isBreaking) ||
      (await takenOn(this.#run, [...entries, ...scalers], {
        ...this.#patience,
        outcome: 'nothing was removed',
      }));
    if (!isInForce) return this.#held('the new routes are not in force yet');
    const [routes, rest] = [
      surplus.filter(one => this.#isFront(one)),
      surplus.filter(one => !this.#isFront(one)),
    ];
    await removeAll(this.#run, routes);
    if (routes.length > 0 && isBreaking) await this.#drain(this.#options.drainMs);
    await removeAll(this.#run, rest);
    return 'done';
  }

  #isFront(object: LiveObject): boolean {
    return isFront(refOf(object), this.#release.service);
  }

  async #drain(ms: number): Promise<void> {
    this.#run.tell({ kind: 'draining', ms });
    await this.#run.sleep(ms, this.#run.signal);
  }

  #held(why: string): Outcome {
    this.#run.tell({ kind: 'held', because: `requests go where they went before, since ${why}` });
    return 'held';
  }
}

function isOne(a: WantedObject, b: WantedObject): boolean {
  return a.kind === b.kind && a.apiVersion === b.apiVersion && a.metadata.name === b.metadata.name;
}

/** What requests on their way may still need: pods, and what leads to them. */
function isNeeded({ kind }: LiveObject): boolean {
  return kind === 'Deployment' || kind === 'Service' || kind.endsWith('Route') || kind === 'VirtualService';
}

/** Whether all pods are of one version, which then gets all requests. */
function isAlone(objects: readonly WantedObject[]): boolean {
  const versions = objects.flatMap(({ kind, metadata }) =>
    kind === 'Deployment' ? (metadata.labels?.['version'] ?? []) : [],
  );
  return new Set(versions).size === 1;
}

function mostOf(deployments: readonly LiveObject[]): number {
  const serving = deployments.filter(one => rolloutState(one).hasServed);
  return Math.max(0, ...serving.map(one => replicasOf(one) ?? 1));
}
