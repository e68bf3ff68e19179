/** Which requests are traced, and what they are called: predictions, and not health checks. */
import { type Clock, type Tracer, traceContextOf } from '#base';
import { predictionMethod, predictionRoute } from '#spec';
import { RequestTrace } from './request-trace.ts';

interface Ports {
  readonly tracer: Tracer;
  readonly clock: Clock;
}

type Header = (name: string) => unknown;

export interface HttpFacts {
  readonly method: string;
  /** Path and query; the query may hold secrets, and is left out. */
  readonly path: string;
  readonly header: Header;
  readonly requestId: string;
  /** The client's address. */
  readonly peer: string;
}

/** Undefined for what is no prediction, and where nothing is traced. */
export function httpTrace(ports: Ports, { method, path, header, requestId, peer }: HttpFacts) {
  const route = predictionRoute(path);
  if (route === undefined) return undefined;
  return RequestTrace.of(ports, {
    parent: parentIn(header),
    name: `${method} ${route}`,
    client: peer,
    statusAttribute: 'http.response.status_code',
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.path': path.replace(/\?.*$/s, ''),
      'url.scheme': 'http',
      'fairlead.request.id': requestId,
    },
  });
}

/** The same for a call. */
export function rpcTrace(ports: Ports, { path, header, peer }: Pick<HttpFacts, 'path' | 'header' | 'peer'>) {
  const known = predictionMethod(path);
  if (known === undefined) return undefined;
  const { service, method } = known;
  return RequestTrace.of(ports, {
    parent: parentIn(header),
    name: `${service}/${method}`,
    client: peer.replace(/:\d+$/, ''),
    statusAttribute: 'rpc.grpc.status_code',
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
    },
  });
}

function parentIn(header: Header) {
  const traceparent = header('traceparent');
  return traceparent === undefined ? undefined : traceContextOf(traceparent, header('tracestate'));
}
