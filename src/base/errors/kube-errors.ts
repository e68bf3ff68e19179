/** What can be wrong with a cluster: reaching it, what it lets be done, and what does not come up there. */
import { define } from './entry.ts';

export const kubeErrors = {
  kubeconfig_unusable: define<{ subject: string; problem: string }>({
    meaning: 'There is no kubeconfig, or it does not say which cluster is meant or who asks.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ subject, problem }) => `${subject}: ${problem}`,
    hint: 'name a file with --kubeconfig or KUBECONFIG and one of its contexts with --context; `kubectl config get-contexts` lists them',
  }),
  cluster_unreachable: define<{ server: string; status?: number; problem: string }>({
    meaning: 'The API server could not be reached, was busy or broke off, and did so at every attempt.',
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ server, status, problem }) =>
      `the API server ${server} ${status === undefined ? 'cannot be reached' : `answers ${status}`}: ${problem}`,
    hint: 'what was applied stays; the same command again goes on from there',
  }),
  cluster_refused: define<{ subject: string; status: number; problem: string }>({
    meaning: 'The API server does not know who asks, or does not let them do that.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ subject, status, problem }) => `${subject}: the API server answers ${status}: ${problem}`,
    hint: 'ask whoever runs the cluster for the Role in docs/kubernetes-apply.md, or choose another --context',
  }),
  object_refused: define<{
    subject: string;
    status?: number;
    field?: string;
    problem: string;
    remedy?: string;
  }>({
    meaning: 'The API server does not take an object: a field, an admission rule or a quota is against it.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ subject, field, problem, remedy }) =>
      `${subject}${field === undefined ? '' : `, ${field}`}: ${problem}${remedy === undefined ? '' : `; ${remedy}`}`,
    hint: 'what the API server refuses is in the message; `fairlead render` shows the object',
  }),
  kind_unknown: define<{ subject: string; apiVersion: string; remedy: string }>({
    meaning: 'The cluster does not know a kind of object: what defines it is not installed.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ subject, apiVersion, remedy }) =>
      `${subject}: the cluster has no such kind in ${apiVersion}; ${remedy}`,
    hint: 'nothing was changed; another spec.traffic, spec.scaling or spec.kubernetes.metrics does without it',
  }),
  apply_conflict: define<{
    subject: string;
    conflicts: readonly { readonly manager: string; readonly field: string }[];
  }>({
    meaning: 'A field is set by somebody else, who would set it back.',
    status: 500,
    exit: 1,
    retry: 'never',
    message: ({ subject, conflicts }) =>
      `${subject}: ${conflicts.map(({ field, manager }) => `${field} is set by ${manager}`).join(', ')}`,
    hint: 'leave the field to one of the two, or take it over with --force-conflicts',
  }),
  object_taken: define<{ subject: string; owner: string }>({
    meaning: 'An object of that name belongs to another service.',
    status: 500,
    exit: 1,
    retry: 'never',
    message: ({ subject, owner }) => `${subject} belongs to the service ${owner}`,
    hint: 'give one of the two another metadata.name, or another namespace',
  }),
  rollout_failed: define<{ subject: string; problem: string; outcome: string }>({
    meaning: 'What was applied did not become available in time.',
    status: 500,
    exit: 1,
    retry: 'later',
    message: ({ subject, problem, outcome }) => `${subject} ${problem}; ${outcome}`,
    hint: 'mend that and run the same command again; it goes on from what is there',
  }),
} as const;
