import type { ModelIdentity } from '#spec';
import type { FleetArm } from './fleet.ts';
import type { Tally } from './tally.ts';
import type { ArmStatus, AsideStatus, LocalStatus, ServerStatus } from './words.ts';

/** A server as its fleet knows it. */
export interface Supervised {
  readonly revision: Pick<FleetArm['revision'], 'name' | 'models'>;
  /** Whether it takes part in the traffic. */
  readonly joined: boolean;
  status(): ServerStatus;
}

export interface Whole {
  readonly service: string;
  readonly url: string;
  readonly grpc: string | undefined;
  readonly certificateEnds?: number | undefined;
  readonly inFlight: number;
  readonly tally: Tally;
  /** The clock's milliseconds. */
  readonly now: number;
}

/** The status of a whole service; `serving` when each arm that should have a healthy server has one, else `degraded`. */
export function statusOf(
  whole: Whole,
  arms: readonly FleetArm[],
  replicas: readonly Supervised[],
): LocalStatus {
  const { tally, now, service, url, grpc, certificateEnds, inFlight } = whole;
  const servers = (revision: string, joined: boolean): ServerStatus[] =>
    replicas
      .filter(one => one.revision.name === revision && one.joined === joined)
      .map(one => one.status())
      .toSorted((a, b) => a.id - b.id);
  const shown = arms.map(arm => armStatus(arm, servers(arm.revision.name, true), tally));
  const named = new Set(arms.map(({ revision }) => revision.name));
  const others = replicas.filter(({ joined, revision }) => !joined || !named.has(revision.name));
  const good = arms.every(
    ({ weight, replicas: wanted }, index) => weight === 0 || wanted === 0 || shown[index]?.healthy,
  );
  return {
    service,
    url,
    ...(grpc !== undefined && { grpc }),
    ...(certificateEnds !== undefined && { certificateEnds }),
    state: good ? 'serving' : 'degraded',
    arms: shown,
    aside: byRevision(others),
    requests: tally.requests(),
    failed: tally.failed(),
    retries: tally.retries(),
    inFlight,
    rate: tally.rate(now),
  };
}

function armStatus({ role, revision, weight }: FleetArm, servers: ServerStatus[], tally: Tally): ArmStatus {
  return {
    role,
    revision: revision.name,
    models: identities(revision),
    weight,
    healthy: servers.some(({ state }) => state === 'healthy'),
    servers,
    requests: tally.requests(revision.name),
    failed: tally.failed(revision.name),
  };
}

function byRevision(replicas: readonly Supervised[]): AsideStatus[] {
  return [...Map.groupBy(replicas, ({ revision }) => revision.name)].map(([revision, group]) => ({
    revision,
    models: group[0] === undefined ? [] : identities(group[0].revision),
    servers: group.map(one => one.status()).toSorted((a, b) => a.id - b.id),
  }));
}

function identities({ models }: Supervised['revision']): ModelIdentity[] {
  return models.map(({ name, version }) => ({ name, version }));
}
