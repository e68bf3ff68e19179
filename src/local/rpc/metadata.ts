import { percentDecoded, type TraceContext, traceparentOf } from '#base';
import { GATEWAY_HEADER, type RpcCall, type RpcFields } from '#net';

/** Header fields as HTTP/2 has them: names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const GRPC = 'application/grpc';

/** Metadata that goes on to a server as it came. A call tells the value of a name, but not which names it has. */
const PASSED: readonly string[] = [
  'authorization',
  'baggage',
  'grpc-tags-bin',
  'grpc-trace-bin',
  'traceparent',
  'tracestate',
  'triton_enable_empty_final_response',
  'triton_grpc_error',
  'user-agent',
  'x-api-key',
  'x-deadline-ms',
  'x-forwarded-for',
  'x-priority',
  'x-request-id',
];

const CREDENTIALS = new Set(['authorization', 'x-api-key']);

/** What the gateway knows of a call that its headers do not say. */
interface CallFacts {
  /** What is left of its deadline, as `grpc-timeout` says it. */
  readonly timeout: string | undefined;
  /** By which the server knows its gateway; undefined where it answers anybody. */
  readonly secret?: string | undefined;
  /** What clients show of credentials stays here: it was checked, and the server does not. */
  readonly isWithheld?: boolean;
  /** In place of what the client says of its trace. */
  readonly trace?: TraceContext | undefined;
}

/** The headers a call goes on with, uncompressed. */
export function requestHeaders(
  call: Pick<RpcCall, 'path' | 'header'>,
  { timeout, secret, isWithheld = false, trace }: CallFacts,
): Record<string, string> {
  const headers: Record<string, string> = {
    ':method': 'POST',
    ':path': call.path,
    'content-type': call.header('content-type') ?? GRPC,
    te: 'trailers',
  };
  if (timeout !== undefined) headers['grpc-timeout'] = timeout;
  if (secret !== undefined) headers[GATEWAY_HEADER] = secret;
  for (const name of PASSED) {
    if (isWithheld && CREDENTIALS.has(name)) continue;
    const value = call.header(name);
    if (value !== undefined) headers[name] = value;
  }
  if (trace === undefined) return headers;
  headers['traceparent'] = traceparentOf(trace);
  if (trace.state === '') delete headers['tracestate'];
  else headers['tracestate'] = trace.state;
  return headers;
}

/** What belongs to the connection or to the protocol, and is said anew. */
const OWN = new Set([
  ':status',
  'content-type',
  'content-length',
  'date',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'trailer',
]);

/** The metadata of an answer, its headers or its trailers, beside what is there already. */
export function answerFields(came: Headers, beside: RpcFields): RpcFields {
  let fields: Record<string, string> | undefined;
  for (const name of Object.keys(came)) {
    const value = came[name];
    if (value === undefined || OWN.has(name)) continue;
    fields ??= { ...beside };
    fields[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return fields ?? beside;
}

/** What is wrong with an answer whose headers are not those of gRPC. */
export function foreign(headers: Headers): string | undefined {
  const { ':status': status, 'content-type': type } = headers;
  if ((status === undefined || String(status) === '200') && String(type ?? GRPC).startsWith(GRPC))
    return undefined;
  return `HTTP status ${String(status)}, with content-type ${String(type)}`;
}

/** How a call ended. */
export interface End {
  /** A gRPC status. */
  readonly status: number;
  /** For people. */
  readonly message: string;
}

/** How a call ended, as its trailers say it; undefined when they do not. */
export function endOf(trailers: Headers): End | undefined {
  const { 'grpc-status': status, 'grpc-message': message = '' } = trailers;
  if (typeof status !== 'string' || !/^\d{1,3}$/.test(status)) return undefined;
  return { status: Number(status), message: worded(String(message)) };
}

/** A `grpc-message` as the text it stands for; what is not well encoded is shown as it came. */
function worded(text: string): string {
  return percentDecoded(text) ?? text;
}
