/** What can be wrong with images, what they are made of, and where they are put. */
import { define } from './entry.ts';

export const imageErrors = {
  image_name_invalid: define<{ name: string; problem: string }>({
    meaning: 'A name is not one that an image can have.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ name, problem }) => `'${name}' is no name of an image: ${problem}`,
    hint: 'write it as registry/repository:tag, all but the tag in lower case, such as ghcr.io/acme/digits:2',
  }),
  base_unusable: define<{ base: string; problem: string }>({
    meaning: 'An image cannot be built on this base: it is not for that platform, or lacks what runs there.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ base, problem }) => `${base} cannot be the base: ${problem}`,
    hint: 'name another one with --base, or fewer platforms with --platform',
  }),
  image_invalid: define<{ subject: string; problem: string; remedy?: string }>({
    meaning: 'What an image is to be made of, or a layout that is to be pushed, is not what it must be.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ subject, problem, remedy }) =>
      `${subject}: ${problem}${remedy === undefined ? '' : `; ${remedy}`}`,
  }),
  requirements_invalid: define<{ file: string; problem: string; remedy: string }>({
    meaning: 'Packages of Python cannot be installed from a file of requirements as it is.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ file, problem, remedy }) => `${file}: ${problem}; ${remedy}`,
  }),
  image_unwritable: define<{ path: string; problem: string }>({
    meaning: 'An image, or what it is made of, cannot be written to the disk.',
    status: 507,
    exit: 3,
    retry: 'later',
    message: ({ path, problem }) => `${path} cannot be written: ${problem}`,
    hint: 'nothing half-written is left there; make room, or name another folder (of the cache, with FAIRLEAD_IMAGE_CACHE), and run the same command again',
  }),
} as const;
