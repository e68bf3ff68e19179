import { failure } from '#base';
import { diagnose } from '../diagnosis/diagnose.ts';
import type { LiveObject, WantedObject } from '../kube-object.ts';
import { notAccepted, tellsAcceptance } from './accepted.ts';
import { selectorOf } from './owned.ts';
import { type RolloutState, rolloutState } from './rollout-state.ts';
import type { Run } from './run.ts';

export interface Patience {
  /** Whether to wait at all; else one look is all. */
  readonly wait: boolean;
  /** By the run's clock. Milliseconds. */
  readonly until: number;
  /** What becomes of the traffic where it takes too long: the end of a sentence. */
  readonly outcome: string;
}

const POLL_MS = 1_000;
/** Pods need a moment before there is anything to say of them, and what keeps them from coming up may pass. */
const DIAGNOSE_MS = 5_000;

const DEPLOYMENTS = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;

/** The Deployments of a service, whatever their revision. */
export function deploymentsOf({ cluster, service, namespace }: Run): Promise<readonly LiveObject[]> {
  return cluster.list(DEPLOYMENTS, { namespace, labels: selectorOf(service) });
}

/**
 * Whether all of these Deployments are rolled out. Waits for it where it is to be waited for, and then throws rollout_failed once
 * time is up or Kubernetes has given up. Polled: one short list a second says all, and a person waits minutes at most.
 */
export async function rolledOut(
  run: Run,
  wanted: readonly WantedObject[],
  patience: Patience,
): Promise<boolean> {
  const names = wanted.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
  const told = new Told(run);
  // One that Kubernetes gave up on before may come up now: what kept it from that may have been mended.
  let stuckBefore: readonly string[] | undefined;
  for (let looked = run.clock.now(); names.length > 0; await run.sleep(POLL_MS, run.signal)) {
    const live = (await deploymentsOf(run)).filter(({ metadata }) => names.includes(metadata.name));
    const states = live.map(rolloutState);
    for (const state of states) told.state(state);
    const stuck = states.filter(({ isStuck }) => isStuck).map(({ name }) => name);
    stuckBefore ??= stuck;
    if (live.length === names.length && states.every(({ isDone }) => isDone)) return true;
    if (!patience.wait) return false;
    const unfinished = live.filter((_, at) => states[at]?.isDone === false);
    const isHopeless = stuck.some(name => stuckBefore?.includes(name) === false);
    const isOver = isHopeless || run.clock.now() >= patience.until;
    if (isOver) throw await failed(run, unfinished, told, patience);
    if (run.clock.now() - looked < DIAGNOSE_MS) continue;
    looked = run.clock.now();
    await told.reasons(unfinished);
  }
  return true;
}

async function failed(run: Run, unfinished: readonly LiveObject[], told: Told, { outcome }: Patience) {
  const [first] = unfinished;
  const reason = (await told.reasons(unfinished))[0];
  const state = first === undefined ? undefined : rolloutState(first);
  const ready = state === undefined ? '' : ` (${state.available} of ${state.wanted} pods are)`;
  const problem = `is not available in time${ready}${reason === undefined ? '' : `: ${reason}`}`;
  return failure('rollout_failed', { subject: first?.metadata.name ?? run.service, problem, outcome });
}

/** Tells what is new, and nothing twice. */
class Told {
  readonly #run: Run;
  readonly #said = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  state(state: RolloutState): void {
    this.#once(`${state.name} ${state.available}/${state.wanted}`, () =>
      this.#run.tell({ kind: 'waiting', state }),
    );
  }

  /** The sentences, the most telling of each Deployment first. */
  async reasons(unfinished: readonly LiveObject[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const deployment of unfinished)
      for (const reason of await diagnose(this.#run.cluster, deployment)) {
        const { name } = deployment.metadata;
        found.push(reason.sentence);
        this.#once(`${name} ${reason.sentence.replace(/, \d+ times so far/, '')}`, () =>
          this.#run.tell({ kind: 'reason', deployment: name, reason }),
        );
      }
    return found;
  }

  #once(key: string, tell: () => void): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    tell();
  }
}

/** Whether all that says of itself that it was taken on says so; waits for it as `rolledOut` does. */
export async function takenOn(
  run: Run,
  wanted: readonly WantedObject[],
  { wait, until, outcome }: Patience,
): Promise<boolean> {
  const telling = wanted.filter(tellsAcceptance);
  for (let told = ''; ; await run.sleep(POLL_MS, run.signal)) {
    const live = await Promise.all(
      telling.map(({ apiVersion, kind, metadata }) =>
        run.cluster.get({ apiVersion, kind, namespace: run.namespace, name: metadata.name }),
      ),
    );
    const problem = live.flatMap(one => (one === undefined ? [] : (notAccepted(one) ?? [])))[0];
    if (problem === undefined) return true;
    if (problem !== told) run.tell({ kind: 'unaccepted', problem });
    told = problem;
    if (!wait) return false;
    if (run.clock.now() >= until)
      throw failure('rollout_failed', {
        subject: run.service,
        problem: `is not in force: ${problem}`,
        outcome,
      });
  }
}
