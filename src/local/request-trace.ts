import {
  type Clock,
  isRecorded,
  type Span,
  type SpanAttributes,
  type TraceContext,
  type Tracer,
} from '#base';
import type { EndpointAddress } from './endpoint.ts';

export interface TracePorts {
  readonly tracer: Tracer;
  readonly clock: Clock;
}

/** What a request is called in a trace. */
export interface TracedRequest {
  /** What the client sent along, if it did. */
  readonly parent: TraceContext | undefined;
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** What is true of the client's request, and not of what servers are asked. */
  readonly arrival: SpanAttributes;
  /** The attribute that has an answer's status. */
  readonly statusAttribute: 'http.response.status_code' | 'rpc.grpc.status_code';
}

/** How a request, or one try of it, ended. */
export interface TracedEnd {
  /** What the answer says, if there was one. */
  readonly status?: number | undefined;
  /** What went wrong: a code of the catalogue, or a word for it. */
  readonly error?: string | undefined;
  readonly revision?: string | undefined;
}

interface Try {
  readonly context: TraceContext;
  readonly begun: number;
  readonly endpoint: EndpointAddress;
}

/** The spans of one request through the gateway: its own, and one for each server that it was sent to. */
export class RequestTrace {
  readonly #ports: TracePorts;
  readonly #request: TracedRequest;
  readonly #context: TraceContext;
  readonly #begun: number;
  readonly #ended: Span[] = [];
  #tries = 0;
  #try: Try | undefined;
  #closed = false;

  /** Undefined where nothing is traced. */
  static of(ports: TracePorts, request: TracedRequest): RequestTrace | undefined {
    const context = ports.tracer.begin(request.parent);
    return context && new RequestTrace(ports, request, context);
  }

  private constructor(ports: TracePorts, request: TracedRequest, context: TraceContext) {
    this.#ports = ports;
    this.#request = request;
    this.#context = context;
    this.#begun = ports.clock.now();
  }

  /** It is sent to a server: what it is to say of its trace. */
  send(endpoint: EndpointAddress): TraceContext {
    if (!isRecorded(this.#context)) return this.#context;
    const context = this.#ports.tracer.below(this.#context);
    this.#try = { context, begun: this.#ports.clock.now(), endpoint };
    this.#tries++;
    return context;
  }

  /** The try that is under way has ended. */
  sent({ status, error }: TracedEnd): void {
    const sending = this.#try;
    if (sending === undefined) return;
    this.#try = undefined;
    const { endpoint, context, begun } = sending;
    const { name, attributes, statusAttribute } = this.#request;
    this.#ended.push({
      context,
      parent: this.#context,
      name,
      kind: 'client',
      begun,
      ended: this.#ports.clock.now(),
      attributes: {
        ...attributes,
        'server.address': endpoint.host,
        'server.port': statusAttribute === 'rpc.grpc.status_code' ? endpoint.grpcPort : endpoint.port,
        [statusAttribute]: status,
        'http.request.resend_count': this.#tries > 1 ? this.#tries - 1 : undefined,
        'error.type': error,
        'fairlead.revision': endpoint.revision,
      },
      error,
    });
  }

  /** The answer is out, or there will be none. Safe to call again. */
  close(end: TracedEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.sent(end);
    if (!isRecorded(this.#context)) return;
    const { parent, name, attributes, arrival, statusAttribute } = this.#request;
    const { status, error, revision } = end;
    this.#ended.push({
      context: this.#context,
      parent,
      name,
      kind: 'server',
      begun: this.#begun,
      ended: this.#ports.clock.now(),
      attributes: {
        ...attributes,
        ...arrival,
        [statusAttribute]: status,
        'error.type': error,
        'fairlead.revision': revision,
      },
      error,
    });
    this.#ports.tracer.record(this.#ended);
  }
}
