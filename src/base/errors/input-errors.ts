/** What can be wrong with what a person types or writes. */
import { define } from './entry.ts';

export const inputErrors = {
  usage_invalid: define<{ problem: string }>({
    meaning: 'The command line is wrong.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => problem,
    hint: 'see `fairlead --help`, or `fairlead VERB --help` for examples',
  }),
  spec_invalid: define<{ file: string; issues: readonly string[] }>({
    meaning: 'The service file has faults; each is listed with its path, line and column.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ file, issues }) =>
      `${file} has ${issues.length === 1 ? 'a fault' : `${issues.length} faults`}:\n${issues.map(issue => `  ${issue}`).join('\n')}`,
    hint: '`fairlead schema` prints what a file may hold',
  }),
  plan_invalid: define<{ file: string; issues: readonly string[] }>({
    meaning: "A gateway's plan has faults; each is listed with its path, line and column.",
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ file, issues }) =>
      `${file} has ${issues.length === 1 ? 'a fault' : `${issues.length} faults`}:\n${issues.map(issue => `  ${issue}`).join('\n')}`,
    hint: '`fairlead render` writes plans; one is not to be written by hand',
  }),
  file_missing: define<{ path: string; purpose: string; meant?: string | undefined }>({
    meaning: 'A path on the command line or in the service file names nothing that can be read.',
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ path, purpose, meant }) =>
      `${path}: ${purpose} is not there${meant === undefined ? '' : `; ${meant}`}`,
    hint: 'check the spelling',
  }),
  file_unreadable: define<{ path: string; problem: string }>({
    meaning: 'A file is there but cannot be read.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `${path} cannot be read: ${problem}`,
  }),
  file_unwritable: define<{ path: string; problem: string }>({
    meaning: 'A file cannot be written.',
    status: 500,
    exit: 3,
    retry: 'later',
    message: ({ path, problem }) => `${path} cannot be written: ${problem}`,
  }),
} as const;
