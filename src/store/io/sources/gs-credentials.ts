import { failure, messageOf } from '#base';
import type { SourceOptions } from '../../source.ts';
import type { GsReference } from '../../uri/reference.ts';
import { configured } from './endpoint.ts';

/** Where Cloud Storage is, and the headers that say who asks. */
export interface GsAccess {
  readonly endpoint: string;
  /** Headers for a request now: tokens are renewed by themselves. None for whoever is nobody. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
}

const GOOGLE = 'https://storage.googleapis.com';

export const GS_REMEDY =
  'give it credentials: `gcloud auth application-default login`, GOOGLE_APPLICATION_CREDENTIALS, or the role Storage Object Viewer for the service account; ?anonymous=true reads what is public';

/**
 * Who is asked, and as whom. Credentials are Application Default Credentials, found by Google's own library; they are sent to
 * Google's hosts only, whatever a URI names as endpoint. Where there are none, what is public can still be read.
 */
export function gsAccess({ options }: GsReference, uri: string, { environment }: SourceOptions): GsAccess {
  const emulator = environment['STORAGE_EMULATOR_HOST'];
  const endpoint = withoutEnd(
    options.endpoint ?? (emulator ? configured(addressOf(emulator), 'STORAGE_EMULATOR_HOST', uri) : GOOGLE),
  );
  const { protocol, hostname } = new URL(endpoint);
  const isGoogle = protocol === 'https:' && /(?:^|\.)googleapis\.com$/.test(hostname);
  if (options.anonymous === true || !isGoogle) return { endpoint, headers: async () => ({}) };
  const headers = defaultCredentials();
  return { endpoint, headers: signal => found(headers, uri, signal) };
}

function withoutEnd(endpoint: string): string {
  return endpoint.replace(/\/+$/, '');
}

/** Of an emulator some clients take a host without a scheme. */
function addressOf(emulator: string): string {
  return /^https?:\/\//.test(emulator) ? emulator : `http://${emulator}`;
}

type Headers = () => Promise<Readonly<Record<string, string>>>;

function defaultCredentials(): Headers {
  let client: Promise<{ getRequestHeaders(): Promise<Iterable<[string, string]>> } | undefined> | undefined;
  return async () => {
    client ??= defaultClient();
    const one = await client;
    return one === undefined ? {} : Object.fromEntries(await one.getRequestHeaders());
  };
}

async function defaultClient() {
  const { defaultAuth } = await import('./gs-library.ts');
  try {
    return await defaultAuth().getClient();
  } catch (error) {
    // There are none; what is broken, such as a file that is no key, says something else.
    if (/Could not load the default credentials/.test(messageOf(error))) return undefined;
    throw error;
  }
}

/** The library knows no signals; what it still does then, it does for nobody. */
async function found(
  headers: Headers,
  uri: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([headers(), aborted]);
  } catch (error) {
    signal.throwIfAborted();
    throw unusable(uri, error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function unusable(uri: string, error: unknown): Error {
  const { status, code } = error as { status?: number; code?: string };
  // A file that is no JSON is quoted by its reader, and may be a key all the same.
  const words = messageOf(error).replace(/Unexpected .* is not valid JSON/s, 'it is no JSON');
  const problem = `no token was to be had with the credentials there are: ${words}`;
  const isPassing = (status ?? 0) >= 500 || /^E(?:CONN|NOTFOUND|AI_|TIMEDOUT|HOST|NET)/.test(code ?? '');
  if (isPassing) return failure('source_unavailable', { uri, problem }, error);
  return failure('source_refused', { uri, problem, remedy: GS_REMEDY }, error);
}
