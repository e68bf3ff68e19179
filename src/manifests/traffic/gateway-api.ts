/** Routes of Gateway API 1.x, with nothing of its experimental channel. Source: gateway-api, apis/v1. */
import { metaOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { PodArm, Release } from '../release.ts';
import { cookiePattern } from './cookies.ts';
import { grpcServices, type Protocol, servicePort } from './ports.ts';
import { type Condition, type Rule, rulesOf } from './rules.ts';
import { gatewayDuration, timeoutMs } from './timeouts.ts';

const GROUP = 'gateway.networking.k8s.io';

/**
 * What defaults would fill in is written out, so that the object is the same when it is read back.
 *
 * Of an HTTPRoute and a GRPCRoute with a hostname in common a listener accepts only one, so gRPC that shares them has rules in the
 * HTTPRoute, by paths, and a GRPCRoute is made where it has names or a listener of its own.
 */
export function gatewayRoutes(release: Release): KubeObject[] {
  const { gatewayApi } = release.arms[0].service.spec.traffic ?? {};
  if (gatewayApi === undefined) return [];
  const { gateway, hosts, grpc } = gatewayApi;
  const shared = grpc === true ? rulesOf(release, 'grpc') : [];
  const http = route(release, ['HTTPRoute', release.name], {
    parentRefs: [parentOf(gateway)],
    ...namesOf(hosts),
    rules: [...shared, ...rulesOf(release, 'http')].map(rule => httpRule(release, rule)),
  });
  if (typeof grpc === 'boolean') return [http];
  const own = route(release, ['GRPCRoute', `${release.name}-grpc`], {
    parentRefs: [parentOf({ ...gateway, section: grpc.section ?? gateway.section })],
    ...namesOf(grpc.hosts ?? hosts),
    rules: rulesOf(release, 'grpc').map(rule => grpcRule(release, rule)),
  });
  return [http, own];
}

/** Names of their own: of an HTTPRoute and a GRPCRoute of one name, Istio keeps the first (seen in 1.31). */
function route(
  release: Release,
  [kind, name]: readonly [kind: string, name: string],
  spec: object,
): KubeObject {
  return { apiVersion: `${GROUP}/v1`, kind, metadata: metaOf(release, name), spec };
}

function parentOf({ name, namespace, section }: Parent) {
  return {
    group: GROUP,
    kind: 'Gateway',
    ...(namespace !== undefined && { namespace }),
    name,
    ...(section !== undefined && { sectionName: section }),
  };
}

interface Parent {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly section?: string | undefined;
}

function namesOf(hosts: readonly string[]) {
  return hosts.length === 0 ? {} : { hostnames: hosts };
}

/** Each condition repeats the path: of rules that fit, the one with the longer path wins, and only then the one with more headers. */
function httpRule(release: Release, rule: Rule) {
  const prefixes = rule.protocol === 'http' ? ['/'] : grpcServices(release).map(service => `/${service}`);
  const paths = prefixes.map(value => ({ path: { type: 'PathPrefix', value } }));
  const timeout = rule.protocol === 'http' ? timeoutMs(release) : undefined;
  return {
    matches: withHeaders(paths, rule),
    ...filtersOf(rule),
    backendRefs: backendsOf(rule),
    // That of the whole request; one for each try says no more where nothing is tried twice. A stream has no time to end by.
    ...(timeout !== undefined && { timeouts: { request: gatewayDuration(timeout) } }),
  };
}

function grpcRule(release: Release, rule: Rule) {
  const methods = grpcServices(release).map(service => ({ method: { type: 'Exact', service } }));
  return { matches: withHeaders(methods, rule), ...filtersOf(rule), backendRefs: backendsOf(rule) };
}

function withHeaders(matches: readonly object[], { conditions }: Rule): object[] {
  if (conditions.length === 0) return [...matches];
  return matches.flatMap(match => conditions.map(one => ({ ...match, headers: [headerOf(one)] })));
}

/** For a cookie there is only a pattern, which not every implementation knows. */
function headerOf({ kind, name, value }: Condition) {
  if (kind === 'header') return { type: 'Exact', name, value };
  return { type: 'RegularExpression', name: 'Cookie', value: cookiePattern(name, value) };
}

/** `percent` came later than the filter itself, which copies all. */
function filtersOf({ mirror, protocol }: Rule) {
  if (mirror === undefined) return {};
  const { arm, percent } = mirror;
  const requestMirror = { backendRef: backendOf(arm, protocol), ...(percent < 100 && { percent }) };
  return { filters: [{ type: 'RequestMirror', requestMirror }] };
}

function backendsOf({ shares, protocol }: Rule) {
  return shares.map(({ arm, weight }) => ({ ...backendOf(arm, protocol), weight }));
}

function backendOf(arm: PodArm, protocol: Protocol) {
  return { group: '', kind: 'Service', name: arm.deployed.revision.name, port: servicePort(arm, protocol) };
}
