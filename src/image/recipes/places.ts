/** Where things lie in an image, and what it is built on where nobody says otherwise. */
import type { ImageName } from '../image-name.ts';

/** Folders from the root of the image, without the slash before them. */
export const PROGRAM = 'opt/fairlead';
export const MODULES = `${PROGRAM}/node_modules`;

/** The command that is fairlead itself: by whole paths, since nothing else says where programs are. */
export const command = ['/usr/local/bin/node', `/${PROGRAM}/fairlead.js`] as const;

/** The Python with what a file of requirements names; of a base that has the packages, the one on its PATH. */
export const interpreters = { locked: '/opt/venv/bin/python', ofBase: 'python3' } as const;

/** Nobody that any base knows: a number, so that Kubernetes sees that it is not root. */
export const USER = '65532:65532';
export const STOP_SIGNAL = 'SIGTERM';

/** All that other machines reach, as each of these servers has its ports by itself. */
export const ports = {
  own: { port: 8501, grpcPort: 8500 },
  custom: { port: 8501, grpcPort: 8500, metricsPort: 8502 },
  tensorflowServing: { port: 8501, grpcPort: 8500 },
  triton: { port: 8000, grpcPort: 8001, metricsPort: 8002 },
} as const;

const hub = (repository: string, tag: string): ImageName => ({ registry: 'docker.io', repository, tag });

/** Of Debian 12 all: their C library is the one that each other's programs and wheels want. */
export const bases = {
  node: hub('library/node', '24-bookworm-slim'),
  python: hub('library/python', '3.11-slim-bookworm'),
  tensorflowServing: hub('tensorflow/serving', '2.19.1'),
  triton: { registry: 'nvcr.io', repository: 'nvidia/tritonserver', tag: '25.11-py3' },
} as const satisfies Readonly<Record<string, ImageName>>;
