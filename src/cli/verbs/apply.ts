import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '#base';
import { applyRelease, type Cluster, deleteRelease, openCluster, releaseLine } from '#kube';
import { isRoute, type Release } from '#manifests';
import { milliseconds } from '#spec';
import { duration } from '../flags.ts';
import type { ClusterFlags } from '../live-objects.ts';
import { type RenderedFlags, renderedFrom } from '../release-objects.ts';
import { findServiceFile, readFileAt } from '../service-file.ts';
import { type Stoppable, stoppable } from '../stoppable.ts';

export interface ApplyFlags extends RenderedFlags, ClusterFlags {
  readonly wait?: true;
  readonly timeout?: string;
  readonly dryRun?: true;
  readonly forceConflicts?: true;
}

export interface DeleteFlags extends ClusterFlags {
  readonly wait?: true;
}

/** Until routers everywhere know of a change, and what was on its way has arrived. Milliseconds. */
const DRAIN_MS = 5000;
/** For a rollout of several rounds, at least. Milliseconds. */
const LEAST_MS = 600_000;

/** Puts a service on a cluster. 1 where requests still go where they went before. */
export async function apply(path: string, flags: ApplyFlags): Promise<void> {
  await working(flags, async ({ cluster, terminal, ...run }) => {
    const [rendered] = await renderedFrom([path], flags, { signal: run.signal, terminal });
    const { release, objects } = rendered;
    const outcome = await applyRelease(
      { service: release.name, objects, isRoute: object => isRoute(object, release) },
      cluster,
      {
        ...run,
        wait: flags.wait === true,
        timeoutMs:
          flags.timeout === undefined ? patienceFor(release) : duration('timeout', flags.timeout, 1000),
        drainMs: DRAIN_MS,
        force: flags.forceConflicts === true,
        isRehearsal: flags.dryRun === true,
      },
    );
    if (outcome === 'held') process.exitCode = 1;
  });
}

/** Removes what `apply` put on a cluster for a service. */
export async function remove(service: string, flags: DeleteFlags): Promise<void> {
  const isFile = /[./]/.test(service) && (await findServiceFile(service)) !== undefined;
  const name = isFile ? (await readFileAt(service)).written.metadata.name : service;
  await working(flags, async ({ cluster, terminal, ...run }) => {
    const many = await deleteRelease(name, cluster, {
      ...run,
      wait: flags.wait === true,
      timeoutMs: LEAST_MS,
    });
    if (many === 0) terminal.line(`${name} has nothing in the namespace ${cluster.namespace}`);
  });
}

function patienceFor({ arms }: Release): number {
  const startup = arms.map(({ service }) => milliseconds(service.spec.kubernetes.startup));
  return Math.max(LEAST_MS, ...startup.map(one => 2 * one));
}

interface Working extends Stoppable {
  readonly cluster: Cluster;
  readonly clock: typeof systemClock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly tell: (progress: Parameters<typeof releaseLine>[0]) => void;
}

/** Does something with a cluster that can be stopped at any point, and run again. */
async function working(flags: ClusterFlags, doing: (at: Working) => Promise<void>): Promise<void> {
  await stoppable('the same command goes on from what is there.', async ({ signal, terminal }) => {
    const cluster = await openCluster({ ...flags, signal });
    try {
      await doing({
        cluster,
        terminal,
        signal,
        clock: systemClock,
        sleep: async (ms, ended) => pause(ms, undefined, { signal: ended }),
        tell: progress => terminal.line(releaseLine(progress)),
      });
    } finally {
      cluster.close();
    }
  });
}
