/** A collector of traces: OTLP over HTTP, as protobuf. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { loadSync } from '@grpc/proto-loader';

/** A span as it came. */
export interface CollectedSpan {
  /** `service.name` of whose it is. */
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly state: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Nanoseconds since the epoch. */
  readonly begun: bigint;
  readonly ended: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly string[];
  readonly error: string | undefined;
}

interface Value {
  readonly value: string;
}

interface WireSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly links: readonly { readonly spanId: Buffer }[];
  readonly status: { readonly code: number; readonly message: string } | null;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>> & Value;
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

const definition = loadSync(join(import.meta.dirname, 'trace.proto'), {
  longs: String,
  defaults: true,
  oneofs: true,
});
const traces = definition['opentelemetry.proto.TraceService'] as unknown as {
  readonly Export: { readonly requestDeserialize: (bytes: Buffer) => Exported };
};

/** What it does with what comes; without it, it takes all. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface Collector {
  /** Where spans are sent. */
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Requests that came. */
  readonly asked: () => number;
}

/** Listens on a free port until the test ends. */
export async function collector(t: TestContext, behave?: Behaviour): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    spans.push(...spansIn(await buffer(request)));
    response.setHeader('content-type', 'application/x-protobuf').end();
  };
  const server = createServer((request, response) => {
    headers.push(request.headers);
    if (behave === undefined) void take(request, response);
    else behave(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/v1/traces`, spans, headers, asked: () => headers.length };
}

function spansIn(bytes: Buffer): CollectedSpan[] {
  const { resourceSpans } = traces.Export.requestDeserialize(bytes);
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map(span => collected(name, span)));
  });
}

function collected(service: string, span: WireSpan): CollectedSpan {
  return {
    service,
    traceId: span.traceId.toString('hex'),
    spanId: span.spanId.toString('hex'),
    parentId: span.parentSpanId.toString('hex'),
    state: span.traceState,
    name: span.name,
    kind: span.kind,
    begun: BigInt(span.startTimeUnixNano),
    ended: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    links: span.links.map(({ spanId }) => spanId.toString('hex')),
    error: span.status?.code === 2 ? span.status.message : undefined,
  };
}

function attributesOf(all: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    all.map(({ key, value: { value, ...of } }) => [
      key,
      value === 'intValue' ? Number(of[value]) : of[value],
    ]),
  );
}
