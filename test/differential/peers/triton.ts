/** A real Triton server, from the wheel of pytriton: its `tritonserver` with the Python backend, on the CPU. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Fixture, fixtures, tensorNames } from '../fixtures.ts';
import { freePorts, outputOf, type Peer, startServer, versionAt } from './process.ts';
import { environment, type Python, Unavailable } from './python.ts';

/** What a real Triton needs to be started. */
export interface TritonProgram {
  readonly program: string;
  /** Flags and variables without which its Python backend does not work. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Its processes share memory under names that begin with `shared`. Throws `Unavailable` when it cannot be had. */
export function tritonProgram(shared: string): TritonProgram {
  const python = environment('triton', 'requirements.txt');
  const home = join(python.packages, 'pytriton', 'tritonserver');
  placeStub(home, python);
  // The Python within the backend takes its packages from beside the `python3` that is first on the path.
  const path = `${join(python.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  return {
    program: join(home, 'bin', 'tritonserver'),
    flags: [
      `--backend-directory=${join(home, 'backends')}`,
      `--backend-config=python,shm-region-prefix-name=${shared}`,
    ],
    env: { PATH: path, LD_LIBRARY_PATH: python.library },
  };
}

/** Starts Triton with some of the fixtures, in a folder of the caller's. Throws `Unavailable` when it cannot be had. */
export async function startTriton(folder: string, models: ReadonlySet<string>): Promise<Peer> {
  const shared = basename(folder);
  const { program, flags, env } = tritonProgram(shared);
  const repository = join(folder, 'repository');
  for (const fixture of fixtures) writeModel(repository, fixture);
  const [http = 0, grpc = 0, metrics = 0] = await freePorts(3);
  const argv: [string, ...string[]] = [
    program,
    `--model-repository=${repository}`,
    ...flags,
    '--model-control-mode=explicit',
    ...fixtures.filter(({ name }) => models.has(name)).map(({ name }) => `--load-model=${name}`),
    '--http-address=127.0.0.1',
    `--http-port=${http}`,
    '--grpc-address=127.0.0.1',
    `--grpc-port=${grpc}`,
    '--metrics-address=127.0.0.1',
    `--metrics-port=${metrics}`,
  ];
  const url = `http://127.0.0.1:${http}/v2`;
  process.once('exit', () => forget(shared));
  const running = await startServer({ argv, env, log: join(folder, 'triton.log') }, `${url}/health/ready`);
  const version = await versionAt(url);
  const stop = async (): Promise<void> => {
    await running.stop();
    forget(shared);
  };
  return { name: 'Triton', version, http: `127.0.0.1:${http}`, grpc: `127.0.0.1:${grpc}`, ...running, stop };
}

/** The backend looks for the process that runs models beside itself; the wheel has one for each version of Python. */
function placeStub(home: string, { version, library }: Python): void {
  const name = 'triton_python_backend_stub';
  const stub = join(home, 'backends', 'python', name);
  if (!existsSync(stub)) copyFileSync(join(home, 'python_backend_stubs', version, name), stub);
  const linked = outputOf('env', [`LD_LIBRARY_PATH=${library}`, 'ldd', stub]) ?? 'not found';
  if (linked.includes('not found'))
    throw new Unavailable(
      `Triton's Python backend lacks a shared library: \`apt-get install libpython${version}\`\n${linked}`,
    );
}

function writeModel(repository: string, fixture: Fixture): void {
  const folder = join(repository, fixture.name);
  mkdirSync(join(folder, '1'), { recursive: true });
  writeFileSync(join(folder, 'config.pbtxt'), configText(fixture));
  copyFileSync(
    join(import.meta.dirname, '..', 'triton', `${fixture.computes}.py`),
    join(folder, '1', 'model.py'),
  );
}

function configText(fixture: Fixture): string {
  const { name, maxBatch, datatype, shape } = fixture;
  const type = datatype === 'BYTES' ? 'STRING' : datatype;
  const tensors = (field: string, prefix: 'INPUT' | 'OUTPUT'): string =>
    tensorNames(fixture, prefix)
      .map(tensor => `${field} { name: "${tensor}" data_type: TYPE_${type} dims: [${shape.join(', ')}] }\n`)
      .join('');
  return `name: "${name}"
backend: "python"
max_batch_size: ${maxBatch}
instance_group { kind: KIND_CPU count: 1 }
${tensors('input', 'INPUT')}${tensors('output', 'OUTPUT')}`;
}

/** A Triton that crashed leaves its shared memory behind. */
export function forget(prefix: string): void {
  const memory = '/dev/shm';
  for (const name of existsSync(memory) ? readdirSync(memory) : [])
    if (name.startsWith(prefix)) rmSync(join(memory, name), { force: true });
}
