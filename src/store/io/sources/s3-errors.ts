import { STATUS_CODES } from 'node:http';
import { AppError, failure, messageOf } from '#base';
import type { S3Reference } from '../../uri/reference.ts';
import { refusal, retryAfter } from '../http/refusal.ts';
import { unreachable } from '../http/unreachable.ts';
import { ownFault } from './attempts.ts';

/** An error of the library, or what Node throws below it. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>>; readonly statusCode?: number };
}

/** What was asked for; `file` where one was read, on the condition that it is still what was listed. */
export interface S3Place {
  readonly reference: S3Reference;
  readonly uri: string;
  /** Of AWS, by its name. */
  readonly profile: string;
  readonly file?: string;
}

/** What an error of the library means. */
export function s3Error(error: unknown, place: S3Place): unknown {
  if (error instanceof AppError) return error;
  const { $metadata, $response } = error as Thrown;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const fault = ownFault(place.uri, error) ?? credentialsFault(error, place);
  if (fault !== undefined) return fault;
  return status === undefined ? unanswered(error, place.uri) : refused(error, status, place);
}

/** The chain has found none, or could not ask for them. */
function credentialsFault(error: unknown, { profile, uri }: S3Place): AppError | undefined {
  const { name = '', $metadata } = error as Thrown;
  if (name !== 'CredentialsProviderError' && name !== 'TokenProviderError' && !TOKEN_ERRORS.includes(name))
    return undefined;
  const isRefused = $metadata?.httpStatusCode !== undefined;
  const problem = isRefused
    ? `the token service gave no credentials: ${name}, ${brief(error)}`
    : `no credentials were found: ${brief(error)}`;
  const remedy = isRefused
    ? 'check the role in AWS_ROLE_ARN and whom it trusts'
    : `looked for AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile '${profile}' (AWS_PROFILE, ~/.aws), a web identity (AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), and the container's and machine's own; what is public is read with ?anonymous=true`;
  return failure('source_refused', { uri, problem, remedy }, error);
}

/** What STS says; S3 itself has none of these. */
const TOKEN_ERRORS: readonly string[] = [
  'InvalidIdentityToken',
  'InvalidIdentityTokenException',
  'IDPRejectedClaim',
  'IDPRejectedClaimException',
  'IDPCommunicationError',
  'ExpiredTokenException',
  'UnauthorizedException',
];

function unanswered(error: unknown, uri: string): AppError {
  const { code } = error as Thrown;
  if (typeof code === 'string') return unreachable(uri, hostIn(error) ?? 'the store', error);
  // A parser's words on a page that is no XML.
  return failure('source_invalid', { uri, problem: `its answer cannot be read: ${brief(error)}` }, error);
}

function hostIn(error: unknown): string | undefined {
  const { hostname, address, port } = error as { hostname?: string; address?: string; port?: number };
  const host = hostname ?? address;
  return host === undefined ? undefined : `${host}${port === undefined ? '' : `:${port}`}`;
}

function refused(error: unknown, status: number, place: S3Place): AppError {
  const { name = '', $response } = error as Thrown;
  const { reference, uri, file } = place;
  const known = Object.hasOwn(CODES, name) ? CODES[name] : undefined;
  const facts = { uri, status, problem: known?.problem ?? problemOf(error, status, reference.bucket) };
  const waitMs = retryAfter($response?.headers?.['retry-after'], Date.now());
  if (BUSY.includes(name))
    return failure('source_unavailable', { ...facts, ...(waitMs !== undefined && { waitMs }) }, error);
  if (known !== undefined) return failure('source_refused', { ...facts, remedy: known.remedy }, error);
  const remedy = reference.options.anonymous === true ? NOT_PUBLIC : DENIED;
  return refusal({ ...facts, remedy, waitMs, file });
}

function problemOf(error: unknown, status: number, bucket: string): string {
  const { name = '' } = error as Thrown;
  if (name === 'NoSuchBucket') return `there is no bucket '${bucket}'`;
  const words = brief(error);
  // HEAD has no words, and pages of what lies between have others.
  if (/^(?:Unknown\w*|\d+|)$/.test(words)) return (STATUS_CODES[status] ?? 'no reason given').toLowerCase();
  return /^[A-Z][A-Za-z]+$/.test(name) ? `${name}: ${words}` : words;
}

/** One line of it, and not long; S3's messages have no secrets in them. */
function brief(error: unknown): string {
  const line = messageOf(error)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

const DENIED =
  'let the credentials in use do s3:ListBucket on the bucket and s3:GetObject on its objects; is the profile the one that is meant?';
const NOT_PUBLIC = 'it is not public: leave out ?anonymous=true, or let everybody list and read it';
const KEYS =
  'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or the profile, and that they are of this endpoint';

/** Those codes of S3 whose remedy is another one than a permission. */
const CODES: Readonly<Record<string, { problem?: string; remedy: string }>> = {
  InvalidAccessKeyId: { remedy: KEYS },
  SignatureDoesNotMatch: { remedy: `the secret key is not that of the access key: ${KEYS}` },
  ExpiredToken: { remedy: 'get new credentials, such as with `aws sso login`' },
  TokenRefreshRequired: { remedy: 'get new credentials, such as with `aws sso login`' },
  InvalidToken: { remedy: 'AWS_SESSION_TOKEN is not of these keys; take all three from one answer' },
  RequestTimeTooSkewed: {
    problem: 'the clock of this machine is too far from that of the store',
    remedy: 'set the clock right, such as with NTP',
  },
  InvalidObjectState: { remedy: 'the object is archived: restore it first' },
  AuthorizationHeaderMalformed: { remedy: 'name the region of the bucket with ?region= or AWS_REGION' },
};

/** Come again later, whatever the status. */
const BUSY: readonly string[] = [
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'RequestTimeout',
  'OperationAborted',
];
