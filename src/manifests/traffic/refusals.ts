/** What a file says of traffic that its router cannot do: said by its path, and never left out in silence. */
import type { Refused } from '../refused.ts';
import type { Release } from '../release.ts';
import { type Router, routerOf } from '../router.ts';
import { armRefusals } from './arm-refusals.ts';
import { grpcRefusals } from './grpc-refusals.ts';
import { istioRefusals } from './istio-refusals.ts';
import { podShareRefusals } from './pod-share-refusals.ts';
import { trialOf } from './rules.ts';

export function trafficRefusals(release: Release): Refused[] {
  const router = routerOf(release);
  return [
    ...unable(release, router),
    ...armRefusals(release),
    ...(router === 'builtin' ? mixed(release) : []),
    ...(router === 'gatewayApi' || router === 'istio' ? mirrored(release) : []),
    ...grpcRefusals(release),
    ...(router === 'istio' ? istioRefusals(release) : []),
    ...(router === 'replicas' ? podShareRefusals(release) : []),
  ];
}

type Option = 'match' | 'mirror' | 'timeout' | 'retries' | 'sticky' | 'tls';

const paths: Readonly<Record<Option, string>> = {
  match: 'spec.candidate.match',
  mirror: 'spec.candidate.mirror',
  timeout: 'spec.traffic.timeout',
  retries: 'spec.traffic.retries',
  sticky: 'spec.traffic.sticky',
  tls: 'spec.server.tls',
};

const ofReplicas = 'needs a router, and with traffic.replicas there is none: every pod gets the same share';
const notYet = "is not done by fairlead's gateway: use traffic.istio, or traffic.gatewayApi where that can";
const experimental =
  'is in the experimental channel of Gateway API only, which few gateways have: use traffic.istio, or leave it out';
const notPlain =
  'would have a router speak TLS to pods whose certificate it has no reason to trust: end TLS at the door before it, and leave this out';

const cannot: Readonly<Record<Router, Readonly<Partial<Record<Option, string>>>>> = {
  none: {},
  replicas: {
    match: ofReplicas,
    mirror: ofReplicas,
    timeout: ofReplicas,
    retries: ofReplicas,
    sticky: ofReplicas,
  },
  builtin: {
    match: notYet,
    mirror: notYet,
    retries: 'is not for it to set: a request that met no server is sent once more to another, always',
    sticky: "is not done by fairlead's gateway: use traffic.istio",
    tls: notPlain,
  },
  gatewayApi: { retries: experimental, sticky: experimental, tls: notPlain },
  istio: { tls: notPlain },
};

function unable(release: Release, router: Router): Refused[] {
  const said = saidOf(release);
  return Object.entries(cannot[router]).flatMap(([option, problem]) =>
    said[option as Option] ? [{ path: paths[option as Option], problem }] : [],
  );
}

function saidOf(release: Release): Readonly<Record<Option, boolean>> {
  const { traffic, server } = release.arms[0].service.spec;
  const { match, mirror } = trialOf(release) ?? {};
  return {
    match: match !== undefined,
    mirror: mirror !== undefined,
    timeout: traffic?.timeout !== undefined,
    retries: (traffic?.retries ?? 0) > 0,
    sticky: traffic?.sticky !== undefined,
    tls: server.tls !== undefined,
  };
}

/** One door for both: what fairlead's own servers ask for themselves, the gateway asks for in place of others. */
function mixed({ arms }: Release): Refused[] {
  const foreign = arms.filter(({ door }) => door !== undefined);
  if (foreign.length === 0 || foreign.length === arms.length) return [];
  const isAsking = arms.some(({ service, door }) => (door?.server ?? service.spec.server).auth !== undefined);
  const problem =
    "cannot be kept before revisions of which one runs on fairlead's own server and the other does not: the first asks for credentials itself, and for the other its gateway would";
  return isAsking ? [{ path: 'spec.server.auth', problem }] : [];
}

/** A copy is made of every request that a rule fits, those too whose turn is the candidate's. */
function mirrored(release: Release): Refused[] {
  const { arm, mirror } = trialOf(release) ?? {};
  if (mirror === undefined || arm === undefined || arm.weight === 0) return [];
  const problem = `cannot stand beside a weight of ${arm.weight}: the candidate would get copies of its own requests; set weight to 0`;
  return [{ path: paths.mirror, problem }];
}
