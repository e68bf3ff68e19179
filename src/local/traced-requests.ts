/**
 * Which requests are traced, and what they are called: predictions, and not health checks. What a server of others takes for a
 * prediction nobody knows: there it is whatever is posted, and every call but those of health and reflection.
 */
import { type Clock, type Tracer, traceContextOf } from '#base';
import { clientOf, schemeOf } from '#net';
import { predictionMethod, predictionRoute } from '#spec';
import { RequestTrace } from './request-trace.ts';

interface Ports {
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** Whether the servers are others than fairlead's. */
  readonly isForeign: () => boolean;
}

/** What a path may be of a span that waits. */
const LONGEST_PATH = 200;

type Header = (name: string) => unknown;

export interface HttpFacts {
  readonly method: string;
  /** Path and query; the query may hold secrets, and is left out. */
  readonly path: string;
  readonly header: Header;
  readonly requestId: string;
  /** The address of who is connected. */
  readonly peer: string;
  /** Whether it came by TLS. */
  readonly isSecure: boolean;
}

/** Undefined for what is no prediction, and where nothing is traced. */
export function httpTrace(ports: Ports, { method, path, header, requestId, peer, isSecure }: HttpFacts) {
  const route = predictionRoute(path);
  if (route === undefined && !(method === 'POST' && ports.isForeign())) return undefined;
  return RequestTrace.of(ports, {
    parent: parentIn(header),
    name: route === undefined ? method : `${method} ${route}`,
    arrival: { 'url.scheme': schemeOf(header, isSecure), 'client.address': clientOf(header, peer) },
    statusAttribute: 'http.response.status_code',
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.path': path.replace(/\?.*$/s, '').slice(0, LONGEST_PATH),
      'fairlead.request.id': requestId,
    },
  });
}

/** The same for a call. */
export function rpcTrace(ports: Ports, { path, header, peer }: Pick<HttpFacts, 'path' | 'header' | 'peer'>) {
  const known = predictionMethod(path) ?? (ports.isForeign() ? foreignMethod(path) : undefined);
  if (known === undefined) return undefined;
  const { service, method } = known;
  return RequestTrace.of(ports, {
    parent: parentIn(header),
    name: `${service}/${method}`,
    arrival: { 'client.address': clientOf(header, peer.replace(/:\d+$/, '')) },
    statusAttribute: 'rpc.grpc.status_code',
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
    },
  });
}

function foreignMethod(path: string): { service: string; method: string } | undefined {
  const [, service, method] = /^\/(?!grpc\.)([\w.]{1,100})\/(\w{1,100})$/.exec(path) ?? [];
  return service === undefined || method === undefined ? undefined : { service, method };
}

function parentIn(header: Header) {
  const traceparent = header('traceparent');
  return traceparent === undefined ? undefined : traceContextOf(traceparent, header('tracestate'));
}
