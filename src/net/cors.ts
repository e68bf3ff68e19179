/** Which pages of other origins a browser lets read answers. */
export interface CorsPolicy {
  /** Origins as browsers write them, `https://app.example`; or `*` alone. */
  readonly origins: readonly string[];
  /** Request headers that pages may send beside those that a server reads. */
  readonly headers: readonly string[];
  /** For how long a browser need not ask again. Seconds. */
  readonly maxAgeSeconds: number;
}

/** What a request says of where it is from. Headers by their names in lower case. */
export interface Asking {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The methods that any path has. */
const METHODS = 'GET, HEAD, POST';

/** Request headers that mean something to a server. */
const READ_HEADERS: readonly string[] = [
  'Authorization',
  'Content-Encoding',
  'Content-Type',
  'Inference-Header-Content-Length',
  'Traceparent',
  'Tracestate',
  'X-Api-Key',
  'X-Deadline-Ms',
  'X-Priority',
  'X-Request-Id',
];

/** What a page may read of an answer beside what it always may. */
const EXPOSED =
  'Inference-Header-Content-Length, Retry-After, Traceparent, X-Fairlead-Revision, X-Request-Id';

/** Headers that go with every answer, whatever its status: names and values in turn. */
export function corsHeaders({ origins }: CorsPolicy, { headers }: Asking): readonly string[] {
  if (origins.includes('*')) return ['Access-Control-Allow-Origin', '*', ...EXPOSE];
  // Caches are told that another origin gets another answer.
  const vary = ['Vary', 'Origin'];
  const { origin } = headers;
  if (typeof origin !== 'string' || !origins.includes(origin)) return vary;
  return ['Access-Control-Allow-Origin', origin, ...EXPOSE, ...vary];
}

const EXPOSE: readonly string[] = ['Access-Control-Expose-Headers', EXPOSED];

/**
 * What answers a browser that asks whether a page may send what it wants to; undefined for every other request, and for
 * pages of an origin that is not named. Cookies and the like are never asked for: nothing here reads them.
 */
export function preflightHeaders(
  policy: CorsPolicy,
  { method, headers }: Asking,
): readonly string[] | undefined {
  const { origin, 'access-control-request-method': wanted } = headers;
  if (method !== 'OPTIONS' || typeof origin !== 'string' || wanted === undefined) return undefined;
  const { origins, maxAgeSeconds } = policy;
  if (!origins.includes('*') && !origins.includes(origin)) return undefined;
  const allowed = [...READ_HEADERS, ...policy.headers].join(', ');
  const methods = ['Access-Control-Allow-Methods', METHODS];
  return [
    ...methods,
    'Access-Control-Allow-Headers',
    allowed,
    'Access-Control-Max-Age',
    String(maxAgeSeconds),
  ];
}
