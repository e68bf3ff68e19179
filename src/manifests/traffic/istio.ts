/** Istio's VirtualService. Source: istio/api, networking/v1alpha3/virtual_service.proto, of which v1 is another name. */
import { milliseconds } from '#spec';
import { metaOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { PodArm, Release } from '../release.ts';
import { cookiePattern, setCookie } from './cookies.ts';
import { grpcServices, type Protocol, servicePort } from './ports.ts';
import { type Condition, type Rule, rulesOf, type Share, stickyOf } from './rules.ts';
import { subsetHost, subsetObjects } from './subsets.ts';
import { protobufDuration, timeoutMs } from './timeouts.ts';

/** What a route names stands before it: a subset that is not there yet is answered 503. */
export function istioRoutes(release: Release): KubeObject[] {
  const { istio } = release.arms[0].service.spec.traffic ?? {};
  if (istio === undefined) return [];
  const { hosts = [release.name], gateways = ['mesh'], grpc, subsets } = istio;
  const rules = [...(grpc ? rulesOf(release, 'grpc') : []), ...rulesOf(release, 'http')];
  const service: KubeObject = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: metaOf(release, release.name),
    spec: { hosts, gateways, http: rules.map(rule => routeOf(release, rule)) },
  };
  return [...(subsets ? subsetObjects(release) : []), service];
}

function routeOf(release: Release, rule: Rule) {
  const timeout = rule.protocol === 'http' ? timeoutMs(release) : undefined;
  const matches = matchesOf(release, rule);
  return {
    name: rule.name,
    ...(matches.length > 0 && { match: matches }),
    route: rule.shares.map(share => ({
      destination: destinationOf(release, share.arm, rule.protocol),
      weight: share.weight,
      ...(rule.assigns && assigning(release, share)),
    })),
    ...mirrorsOf(release, rule),
    ...(timeout !== undefined && { timeout: protobufDuration(timeout) }),
    retries: retriesOf(release),
  };
}

/** Calls by the start of their paths; ports do not tell them apart, for a gateway has one for both. */
function matchesOf(release: Release, { protocol, conditions }: Rule): object[] {
  const shown = conditions.length === 0 ? [{}] : conditions.map(one => ({ headers: headersOf(one) }));
  if (protocol === 'http') return conditions.length === 0 ? [] : shown;
  const paths = grpcServices(release).map(service => ({ uri: { prefix: `/${service}/` } }));
  return paths.flatMap(path => shown.map(one => ({ ...path, ...one })));
}

/** Istio wants names in lower case, as HTTP/2 has them. */
function headersOf({ kind, name, value }: Condition) {
  if (kind === 'header') return { [name.toLowerCase()]: { exact: value } };
  return { cookie: { regex: cookiePattern(name, value) } };
}

function destinationOf(release: Release, arm: PodArm, protocol: Protocol) {
  const revision = arm.deployed.revision.name;
  const isSubset = release.arms[0].service.spec.traffic?.istio?.subsets === true;
  return {
    host: isSubset ? subsetHost(release) : revision,
    ...(isSubset && { subset: revision }),
    port: { number: servicePort(arm, protocol) },
  };
}

/** Added, not set: a server may have cookies of its own. The revision's name binds nobody once that revision is gone. */
function assigning(release: Release, { arm }: Share) {
  const sticky = stickyOf(release);
  if (sticky === undefined) return {};
  const cookie = setCookie(sticky.cookie, arm.deployed.revision.name, milliseconds(sticky.maxAge));
  return { headers: { response: { add: { 'set-cookie': cookie } } } };
}

function mirrorsOf(release: Release, { mirror, protocol }: Rule) {
  if (mirror === undefined) return {};
  const destination = destinationOf(release, mirror.arm, protocol);
  return { mirrors: [{ destination, percentage: { value: mirror.percent } }] };
}

/**
 * Istio's default is two more tries, on answers of a server too: it hides the failures of a candidate, and runs slow predictions
 * again. Only what no server has begun is sent again, and only where that is asked for.
 */
function retriesOf(release: Release) {
  const attempts = release.arms[0].service.spec.traffic?.retries ?? 0;
  return { attempts, ...(attempts > 0 && { retryOn: 'connect-failure,refused-stream' }) };
}
