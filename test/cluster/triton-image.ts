/**
 * An image with a real Triton in it, for the CPU: NVIDIA's own cannot be had everywhere. Fairlead's image code lays the wheel of
 * pytriton over an image with Python, as it lays any wheel.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '#base';
import { buildImage, imageText, pushImage, type Recipe } from '#image';
import { nameOf, registries } from '../../src/cli/image-places.ts';
import { environment, Unavailable } from '../differential/peers/python.ts';
import type { Build } from './image.ts';

const PACKAGES = 'opt/venv/lib/python3.11/site-packages';
const HOME = `${PACKAGES}/pytriton/tritonserver`;
const STUB = 'triton_python_backend_stub';
const LIBRARY = 'usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0';
/** What Triton's process for models is linked with, of the Python that the base has. */
const PACKAGE = 'libpython3.11';

/** Its name with its digest. Throws `Unavailable` where the wheel or the library cannot be had. */
export async function tritonImage({ around, cache, repository }: Build): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-triton-'));
  try {
    const name = nameOf(`${around.registry}/${repository}/tritonserver:base`);
    const open = await registries({});
    const built = await buildImage(recipeIn(folder, `${around.registry}/${around.pythonImage}`), {
      platforms: ['linux/amd64'],
      cache,
      open,
      environment: process.env,
      epoch: 0,
      tool: { name: 'fairlead', version: '0.0.0' },
      random: systemRandom,
      signal: AbortSignal.timeout(300_000),
    });
    const signal = AbortSignal.timeout(300_000);
    const { digest } = await pushImage(built.content, name, { open, random: systemRandom, signal });
    return imageText({ ...name, digest });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recipeIn(folder: string, base: string): Recipe {
  const wheel = environment('triton', 'requirements.txt').packages;
  const stub = join(wheel, 'pytriton/tritonserver/python_backend_stubs/3.11', STUB);
  const lock = 'requirements.lock';
  return {
    base: nameOf(base),
    requirements: { file: lock, text: readFileSync(join(import.meta.dirname, 'triton', lock), 'utf8') },
    settings: {
      title: 'what the Python backend wants',
      entries: [
        { kind: 'file', path: `${HOME}/backends/python/${STUB}`, from: stub, isProgram: true },
        { kind: 'file', path: LIBRARY, from: libraryIn(folder) },
      ],
      packages: [],
    },
    models: [],
    run: {
      entrypoint: [`/${HOME}/bin/tritonserver`],
      cmd: [],
      env: { PATH: `/${HOME}/bin:/opt/venv/bin:/usr/local/bin:/usr/bin:/bin`, PYTHONPATH: `/${PACKAGES}` },
      ports: [8000, 8001, 8002],
      user: '65532:65532',
      stopSignal: 'SIGTERM',
    },
    annotations: {},
  };
}

function libraryIn(folder: string): string {
  try {
    execFileSync('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', PACKAGE], {
      cwd: folder,
      stdio: 'ignore',
    });
    execFileSync('sh', ['-c', `dpkg -x ${PACKAGE}_*.deb .`], { cwd: folder, stdio: 'ignore' });
  } catch (error: unknown) {
    throw new Unavailable(`${PACKAGE} cannot be had: ${String(error)}`);
  }
  return join(folder, LIBRARY);
}

export const tritonFlags = [`--backend-directory=/${HOME}/backends`];
