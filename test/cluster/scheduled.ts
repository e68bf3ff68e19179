/** What the scheduler has made of pods. */
import { until } from '../programs/fairlead.ts';
import type { Cluster } from './kubectl.ts';

const SECONDS = 60;

/** What the scheduler says of a pod that it has no place for. */
export async function unscheduled(cluster: Cluster, pod: string): Promise<string> {
  let why = '';
  await until(async () => {
    const { status, message = '' } = await decision(cluster, pod);
    why = message;
    return status === 'False';
  }, SECONDS);
  return why;
}

async function decision(cluster: Cluster, pod: string): Promise<Partial<Condition>> {
  const { conditions = [] } = (await statuses(cluster, pod))[0] ?? {};
  return conditions.find(({ type }) => type === 'PodScheduled') ?? {};
}

export async function phases(cluster: Cluster): Promise<(string | undefined)[]> {
  return (await statuses(cluster)).map(({ phase }) => phase);
}

interface Status {
  readonly phase?: string;
  readonly conditions?: readonly Condition[];
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

async function statuses(cluster: Cluster, pod?: string): Promise<readonly Status[]> {
  const chosen = pod === undefined ? [] : ['-l', `app=${pod}`];
  const found = await cluster.run(['get', 'pods', ...chosen, '-o', 'json']);
  const { items } = JSON.parse(found) as { items: readonly { status: Status }[] };
  return items.map(({ status }) => status);
}

/** Waits until it has a node, whatever becomes of it there. */
export async function scheduled(cluster: Cluster, pod: string): Promise<void> {
  await until(async () => (await decision(cluster, pod)).status === 'True', SECONDS);
}
