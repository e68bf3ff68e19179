/** What can be wrong with where models come from and images go, with what came, and with the cache that keeps it. */
import { define } from './entry.ts';

export const storeErrors = {
  uri_invalid: define<{ uri: string; problem: string; remedy?: string | undefined }>({
    meaning: 'A model URI cannot be read, or has a scheme that is not known.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ uri, problem, remedy }) =>
      `${uri}: ${problem}${remedy === undefined ? '' : `; did you mean ${remedy}?`}`,
    hint: 'models come by a path, file://, pvc://, s3://, gs://, az://, oci://, hf:// or https://; a file with a colon in its name is written ./a:b.onnx',
  }),
  source_missing: define<{ uri: string; status?: number; problem: string; remedy?: string | undefined }>({
    meaning:
      'The store that a model URI names, or the registry of an image, was asked and has no such thing.',
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ uri, status, problem, remedy }) =>
      `${uri}: ${said(status)}${problem}${remedy === undefined ? '' : `; did you mean ${remedy}?`}`,
    hint: 'check the spelling, and that the credentials in use may list it',
  }),
  source_refused: define<{ uri: string; status?: number; problem: string; remedy: string }>({
    meaning:
      'The store that a model URI names, or the registry of an image, does not let the credentials in use do that, or there are none.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ uri, status, problem, remedy }) => `${uri}: ${said(status)}${problem}; ${remedy}`,
  }),
  source_unavailable: define<{ uri: string; status?: number; problem: string; waitMs?: number }>({
    meaning:
      'The store that a model URI names, or the registry of an image, could not be reached, was busy, or broke off, and did so at every attempt.',
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ uri, status, problem }) => `${uri}: ${said(status)}${problem}`,
    hint: 'nothing that has arrived is lost: the next pull or push goes on from there',
  }),
  source_invalid: define<{ uri: string; status?: number; problem: string }>({
    meaning:
      'The store that a model URI names, or the registry of an image, answered what none of its kind should answer.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ uri, status, problem }) => `${uri}: ${said(status)}${problem}`,
    hint: 'see that nothing between here and the store changes its answers, such as a proxy with a page for signing in',
  }),
  source_changed: define<{ uri: string; file: string }>({
    meaning: 'A file of a model was replaced while it was downloaded; what had arrived of it is dropped.',
    status: 503,
    exit: 3,
    retry: 'now',
    message: ({ uri, file }) => `${uri}: ${file} was replaced while it was downloaded`,
    hint: 'pull again once whoever writes it is done, or write each version to a place of its own',
  }),
  digest_mismatch: define<{ path: string; file?: string; expected: string; found: string }>({
    meaning:
      'The bytes of a model or an image are not those that were pinned, or that its source, its registry or the cache says they are.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, file, expected, found }) =>
      `${path}: ${file === undefined ? 'the model' : file} has the digest ${found}, and ${expected} is expected`,
    hint: 'it is not used; try again, and see that nothing between here and its source changes bytes; of a model, `fairlead store pull` fetches anew what is damaged in the cache, and `fairlead store digest` tells what to pin',
  }),
  cache_full: define<{ path: string; problem: string }>({
    meaning: 'The cache of models has no room for another one: the disk is full, or its quota is.',
    status: 507,
    exit: 3,
    retry: 'later',
    message: ({ path, problem }) => `no room in the cache ${path}: ${problem}`,
    hint: '`fairlead store prune` removes what nobody uses; FAIRLEAD_CACHE names another folder, FAIRLEAD_CACHE_QUOTA its limit',
  }),
  cache_unusable: define<{ path: string; problem: string }>({
    meaning: 'The cache of models cannot be read or written.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `the cache ${path} cannot be used: ${problem}`,
    hint: 'name another folder with FAIRLEAD_CACHE',
  }),
  archive_invalid: define<{ path: string; entry?: string; problem: string }>({
    meaning:
      'An archive is broken, or holds what must not be unpacked: a path or link that leads out, a device, a bomb.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, entry, problem }) =>
      `${path} is not unpacked: ${entry === undefined ? '' : `'${entry}' `}${problem}`,
  }),
  policy_refused: define<{ uri: string; problem: string; remedy: string }>({
    meaning: 'The policy for models does not let this one in.',
    status: 500,
    exit: 1,
    retry: 'never',
    message: ({ uri, problem, remedy }) => `${uri} is not let in: ${problem}; ${remedy}`,
  }),
  signature_invalid: define<{ uri: string; problem: string }>({
    meaning:
      'A model must be signed, and its signature is missing, is not by whom it must be, or is of other bytes.',
    status: 500,
    exit: 1,
    retry: 'never',
    message: ({ uri, problem }) => `${uri} is not let in: ${problem}`,
  }),
} as const;

function said(status: number | undefined): string {
  return status === undefined ? '' : `status ${status}, `;
}
