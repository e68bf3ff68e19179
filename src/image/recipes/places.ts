/** Where things lie in an image, and what it is built on where nobody says otherwise. */
import { PROGRAM as IN_CONTAINER } from '#spec';
import { type ImageName, imageText } from '../image-name.ts';

/** Folders from the root of the image, without the slash before them. */
export const PROGRAM = IN_CONTAINER.slice(1);
export const MODULES = `${PROGRAM}/node_modules`;

/** The Python with what a file of requirements names; of a base that has the packages, the one on its PATH. */
export const interpreters = { locked: '/opt/venv/bin/python', ofBase: 'python3' } as const;

/** Nobody that any base knows: a number, so that Kubernetes sees that it is not root. */
export const USER = '65532:65532';
export const STOP_SIGNAL = 'SIGTERM';

const hub = (repository: string, tag: string): ImageName => ({ registry: 'docker.io', repository, tag });

/** Of Debian 12 all: their C library is the one that each other's programs and wheels want. */
export const bases = {
  node: hub('library/node', '24-bookworm-slim'),
  python: hub('library/python', '3.11-slim-bookworm'),
  tensorflowServing: hub('tensorflow/serving', '2.19.1'),
  triton: { registry: 'nvcr.io', repository: 'nvidia/tritonserver', tag: '25.11-py3' },
} as const satisfies Readonly<Record<string, ImageName>>;

/** The name of the usual base of a server of others: its own image. */
export function basesOf(kind: 'triton' | 'tensorflowServing'): string {
  return imageText(bases[kind]);
}
