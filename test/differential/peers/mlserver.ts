/** A real MLServer with runtimes of a few lines. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fixture, fixtures, tensorNames } from '../fixtures.ts';
import { freePorts, type Peer, startServer, versionAt } from './process.ts';
import { environment } from './python.ts';

/** Starts MLServer with the fixtures, in a folder of the caller's. Throws `Unavailable` when it cannot be had. */
export async function startMlserver(folder: string): Promise<Peer> {
  const python = environment('mlserver', 'requirements-mlserver.txt');
  const home = join(folder, 'mlserver');
  for (const fixture of fixtures) writeModel(home, fixture);
  copyFileSync(join(import.meta.dirname, '..', 'mlserver', 'runtime.py'), join(home, 'runtime.py'));
  const [http = 0, grpc = 0] = await freePorts(2);
  const settings = {
    host: '127.0.0.1',
    http_port: http,
    grpc_port: grpc,
    metrics_endpoint: null,
    parallel_workers: 0,
    debug: false,
  };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  const running = await startServer(
    {
      argv: [join(python.folder, 'bin', 'mlserver'), 'start', home],
      env: { PYTHONPATH: home },
      log: join(folder, 'mlserver.log'),
    },
    `http://127.0.0.1:${http}/v2/health/ready`,
  );
  const version = await versionAt(`http://127.0.0.1:${http}/v2`);
  return {
    name: 'MLServer',
    version,
    http: `127.0.0.1:${http}`,
    grpc: `127.0.0.1:${grpc}`,
    ...running,
  };
}

function writeModel(home: string, fixture: Fixture): void {
  const { name, computes, maxBatch, shape, datatype } = fixture;
  const sizes = maxBatch === 0 ? shape : [-1, ...shape];
  const tensors = (prefix: 'INPUT' | 'OUTPUT'): object[] =>
    tensorNames(fixture, prefix).map(tensor => ({ name: tensor, datatype, shape: sizes }));
  const settings = {
    name,
    implementation: computes === 'add_sub' ? 'runtime.AddSub' : 'runtime.Identity',
    platform: 'python',
    inputs: tensors('INPUT'),
    outputs: tensors('OUTPUT'),
    parameters: { version: '1' },
  };
  mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, name, 'model-settings.json'), JSON.stringify(settings));
}
