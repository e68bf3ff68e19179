/** What can be wrong with who asks: credentials, what they are for, and how much of the server they may have. */
import { define } from './entry.ts';

export const accessErrors = {
  credentials_missing: define<Readonly<Record<string, never>>>({
    meaning: 'The request came without an API key or token, and what it asks for needs one.',
    status: 401,
    exit: 2,
    retry: 'never',
    message: () => 'this needs credentials, and none came',
    hint: 'send `Authorization: Bearer KEY_OR_TOKEN` or `X-API-Key: KEY`',
  }),
  credentials_invalid: define<{ problem: string }>({
    meaning:
      'The API key or token of the request is not one that is good here. It is never repeated in an answer.',
    status: 401,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => `the credentials are not good here: ${problem}`,
  }),
  credentials_expired: define<{ what: string }>({
    meaning: 'The API key or token of the request was good until it expired.',
    status: 401,
    exit: 2,
    retry: 'never',
    message: ({ what }) => `the ${what} has expired`,
    hint: 'get a new one',
  }),
  access_denied: define<{ problem: string; scope?: string | undefined }>({
    meaning: 'The credentials are good, but not for this; or nobody may have it.',
    status: 403,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => `access is denied: ${problem}`,
  }),
  rate_exceeded: define<{ limit: string; wait: number }>({
    meaning: 'The API key has sent as many requests as it may; `Retry-After` says when to try again.',
    status: 429,
    exit: 3,
    retry: 'later',
    message: ({ limit }) => `the API key is at its limit of ${limit}`,
    hint: 'send less, or raise the `rate` of the key',
  }),
  concurrency_exceeded: define<{ limit: number }>({
    meaning: 'The API key has as many requests in flight as it may; `Retry-After` says when to try again.',
    status: 429,
    exit: 3,
    retry: 'later',
    message: ({ limit }) => `the API key is at its limit of ${limit} requests in flight`,
    hint: 'send fewer at once, or raise `concurrent` of the key',
  }),
  issuer_unavailable: define<{ problem: string }>({
    meaning:
      "The request brought a token, and the issuer's public keys could not be read yet, so that nobody can tell whether it is good.",
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ problem }) => `the token cannot be checked: the issuer's keys cannot be read: ${problem}`,
    hint: 'see that `jwks` names where the issuer publishes its keys, and that it can be reached from here',
  }),
  keys_invalid: define<{ file: string; issues: readonly string[] }>({
    meaning: 'A file of API keys, or of the public keys of an issuer of tokens, has faults.',
    status: 500,
    exit: 2,
    retry: 'never',
    message: ({ file, issues }) =>
      `${file} has ${issues.length === 1 ? 'a fault' : `${issues.length} faults`}:\n${issues.map(issue => `  ${issue}`).join('\n')}`,
    hint: '`fairlead key new NAME --file FILE` writes a file of API keys as it must be',
  }),
} as const;
