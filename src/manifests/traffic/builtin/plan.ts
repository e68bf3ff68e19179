/** What fairlead's own gateway is told: which pods there are to ask, and how often each revision's. */
import {
  foreignKind,
  type GatewayArm,
  type GatewayPlan,
  type ModelIdentity,
  milliseconds,
  podDrain,
} from '#spec';
import { doorOf } from '../../door.ts';
import { podsName } from '../../names.ts';
import { grpcPort, httpPort } from '../../pod/ports.ts';
import type { PodArm, Release } from '../../release.ts';
import { timeoutMs } from '../timeouts.ts';

export function planOf(release: Release): GatewayPlan {
  const { runtime, server } = release.arms[0].service.spec;
  const { cors, tracing, limits, drain } = server;
  const models = modelsOf(release);
  return {
    service: release.name,
    isForeign: foreignKind(runtime) !== undefined,
    // Fairlead's servers ask for credentials themselves: a gateway that did would have to be known to them by a secret.
    server: {
      ...(doorOf(release)?.server ?? { ...(cors && { cors }), ...(tracing && { tracing }), limits }),
      drain: podDrain(drain),
    },
    arms: release.arms.map((arm, at) => armOf(release, arm, models[at] ?? [])),
  };
}

function armOf(release: Release, arm: PodArm, models: readonly ModelIdentity[]): GatewayArm {
  const { role, weight, deployed, launch } = arm;
  const revision = deployed.revision.name;
  const { namespace } = release;
  const [http, grpc] = [httpPort(arm), grpcPort(arm)];
  const answerMs = answerMsOf(release, arm);
  return {
    revision,
    role,
    models,
    weight,
    host: namespace === undefined ? podsName(arm) : `${podsName(arm)}.${namespace}`,
    port: http,
    ...(grpc !== undefined && { grpcPort: grpc }),
    ready: launch.probes.ready,
    ...(launch.metrics && { metrics: launch.metrics }),
    ...(answerMs !== undefined && { answerMs }),
    ...(launch.mostBody !== undefined && { mostBody: launch.mostBody }),
  };
}

/** A server of others is held to its deadline here, and not to more: it may know of none. */
function answerMsOf(release: Release, { launch }: PodArm): number | undefined {
  const said = release.arms[0].service.spec.traffic?.timeout;
  const most = said === undefined ? (launch.answerMs ?? timeoutMs(release)) : milliseconds(said);
  return most && Math.ceil(most);
}

/**
 * By arm, what a request for a model is narrowed to. Where the models of one arm are not known none are told of any: each request
 * for a model would go to the others.
 */
function modelsOf({ arms }: Release): readonly (readonly ModelIdentity[])[] {
  const all = arms.map(knownModels);
  return all.every(models => models.length > 0) ? all : arms.map(() => []);
}

const NO_VERSION = 'unknown';

/** What is fetched may tell its version only once it is there; what it is called, the file says. */
function knownModels({ deployed: { revision } }: PodArm): ModelIdentity[] {
  const placed = revision.models.map(({ name, version }) => ({ name, version }));
  const told = revision.told.kind === 'repository' ? [] : revision.told.entries;
  const away = told.filter(({ name }) => placed.every(one => one.name !== name));
  return [...placed, ...away.map(({ name, version = NO_VERSION }) => ({ name, version }))];
}
