import { STATUS_CODES } from 'node:http';
import { AppError, failure, messageOf } from '#base';
import type { AzReference } from '../../uri/reference.ts';
import { refusal, retryAfter } from '../http/refusal.ts';
import { unreachable } from '../http/unreachable.ts';
import { ownFault } from './attempts.ts';
import type { AzAccess } from './az-account.ts';

/** What was asked for; `file` where one was read, on the condition that it is still what was listed. */
export interface AzPlace {
  readonly reference: AzReference;
  readonly uri: string;
  readonly by: AzAccess['by'];
  readonly file?: string;
}

/** An error of the library, or what Node throws below it. Its message may have the URL in it, and so a signature: it is not shown. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** What an error of the library means. */
export function azError(error: unknown, place: AzPlace): unknown {
  if (error instanceof AppError) return error;
  const { statusCode, code } = error as Thrown;
  const fault = ownFault(place.uri, error) ?? identityFault(error, place.uri);
  if (fault !== undefined) return fault;
  // A refusal may have any text; what is no refusal must be what was asked for.
  if (statusCode !== undefined && (code !== 'PARSE_ERROR' || statusCode >= 400))
    return refused(error as Thrown, statusCode, place);
  return unanswered(error as Thrown, place.uri);
}

/** The chain has found none, or what it asked did not give it a token. */
function identityFault(error: unknown, uri: string): AppError | undefined {
  const { name = '' } = error as Thrown;
  const isPlain = /not permitted for non-TLS/.test(messageOf(error));
  if (
    !isPlain &&
    !/^(?:CredentialUnavailable|AggregateAuthentication|Authentication(?:Required)?)\w*Error$/.test(name)
  )
    return undefined;
  const problem = isPlain
    ? 'a token of an identity is not sent over plain http'
    : `no credentials were found${name.startsWith('Authentication') ? ', and an identity was refused its token' : ''}`;
  return failure('source_refused', { uri, problem, remedy: LOOKED }, error);
}

const LOOKED =
  'looked for AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, ' +
  'a service principal (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET), a workload or managed identity, and `az login`; ' +
  'what is public is read with ?anonymous=true';

function unanswered(error: Thrown, uri: string): AppError {
  const { hostname, address, port } = error as { hostname?: string; address?: string; port?: number };
  const host = hostname ?? address;
  const isOfNode = typeof error.code === 'string' && /^E[A-Z_]+$|CERT|^UNABLE_TO_/.test(error.code);
  if (isOfNode)
    return unreachable(
      uri,
      host === undefined ? 'the store' : port === undefined ? host : `${host}:${port}`,
      error,
    );
  // What the library says of a stream that ended early.
  if (/^Data corruption failure|aborted/.test(messageOf(error)))
    return failure('source_unavailable', { uri, problem: 'it broke off in the middle' }, error);
  return failure('source_invalid', { uri, problem: 'its answer cannot be read' }, error);
}

function refused(error: Thrown, status: number, { reference, uri, by, file }: AzPlace): AppError {
  const code = codeOf(error);
  const problem =
    WORDS[code]?.(reference) ?? (code || (STATUS_CODES[status] ?? 'no reason given').toLowerCase());
  const remedy = REMEDIES[code] ?? remedyOf(by);
  // It says so with 409, as of other conflicts.
  if (code === 'BlobArchived' || code === 'PublicAccessNotPermitted')
    return failure('source_refused', { uri, status, problem, remedy }, error);
  const waitMs = retryAfter(error.response?.headers?.get('retry-after'), Date.now());
  return refusal({ uri, status, problem, remedy, waitMs, file });
}

/** `BlobNotFound`; a HEAD has it in a header only. */
function codeOf({ code, response }: Thrown): string {
  const header = response?.headers?.get('x-ms-error-code');
  return [header, code].find(one => one !== undefined && /^[A-Za-z]{3,60}$/.test(one)) ?? '';
}

function remedyOf(by: AzAccess['by']): string {
  switch (by) {
    case 'nothing':
      return 'it is not public: leave out ?anonymous=true, or let everybody read the container';
    case 'a shared access signature':
      return 'the signature must not have expired, and must let one read (r), and list (l) where a folder is named';
    case 'the account key':
      return 'check that AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_KEY is of this account';
    default:
      return "give the identity in use the role 'Storage Blob Data Reader' on the container";
  }
}

const WORDS: Readonly<Record<string, (reference: AzReference) => string>> = {
  ContainerNotFound: ({ container }) => `there is no container '${container}'`,
  BlobNotFound: () => 'nothing lies there',
  ResourceNotFound: () => 'nothing lies there',
  BlobArchived: () => 'the blob is archived',
  ServerBusy: () => 'it is busy',
  RequestTimeTooSkewed: () => 'the clock of this machine is too far from that of the store',
};

const REMEDIES: Readonly<Record<string, string>> = {
  BlobArchived: 'bring it back to the hot or cool tier first',
  RequestTimeTooSkewed: 'set the clock right, such as with NTP',
  AuthorizationPermissionMismatch:
    "give the identity in use the role 'Storage Blob Data Reader', or the signature more rights",
  PublicAccessNotPermitted: 'the account lets nothing be public: leave out ?anonymous=true',
};
