import { type AppError, failure, messageOf } from '#base';

/** What kept an answer from coming, or from coming whole, in words that say what to look at. */
export function unreachable(uri: string, host: string, error: unknown): AppError {
  const { code = '' } = error as { code?: string };
  const problem = PROBLEMS[code];
  if (problem !== undefined)
    return failure('source_unavailable', { uri, problem: `${host} ${problem}` }, error);
  if (isUntrusted(code, error))
    return failure('source_invalid', {
      uri,
      problem: `the certificate of ${host} is not trusted (${code}); ${authorityIn(uri)} a file of further authorities`,
    });
  return failure('source_unavailable', { uri, problem: `${host}: ${messageOf(error)}` }, error);
}

/** Whether what was thrown says that a server answered a greeting of TLS by words of plain HTTP. */
export function speaksPlainHttp(error: unknown): boolean {
  const { cause } = (error ?? {}) as { cause?: { code?: string } };
  return cause?.code === 'EPROTO' && /wrong version number/.test(messageOf(cause));
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'lets nobody connect',
  ECONNRESET: 'broke off the connection',
  EPIPE: 'broke off the connection',
  EPROTO: 'does not speak TLS as it should: is it http:// that is meant?',
  ENOTFOUND: 'is a name that nobody knows',
  EAI_AGAIN: 'cannot be looked up: the name service does not answer',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
};

/** Images are reached by the same kind of URI as models in registries are. */
function authorityIn(uri: string): string {
  return uri.startsWith('oci:')
    ? 'NODE_EXTRA_CA_CERTS, or for an image --ca, names'
    : 'NODE_EXTRA_CA_CERTS names';
}

function isUntrusted(code: string, error: unknown): boolean {
  return /CERT|^UNABLE_TO_|^ERR_TLS_/.test(code) || /certificate/.test(messageOf(error));
}
