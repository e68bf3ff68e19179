/** fairlead itself, as a person starts it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from '../../programs/fairlead.ts';
import { fixtures, onnxBytes } from '../fixtures.ts';
import { controls, type Peer } from './process.ts';

/** Starts fairlead with the fixtures, in a folder of the caller's. */
export async function startFairlead(folder: string): Promise<Peer> {
  // Sorted as Triton sorts its index.
  const sorted = fixtures.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const models = sorted.map(fixture => {
    const version = join(folder, 'models', fixture.name, '1');
    mkdirSync(version, { recursive: true });
    writeFileSync(join(version, 'model.onnx'), onnxBytes(fixture));
    return `${fixture.name}=${join(folder, 'models', fixture.name)}`;
  });
  const { child, url, grpc, stop } = await startProgram([
    'serve',
    ...models,
    '--model-control',
    '--log-level',
    'error',
  ]);
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    ...controls(child),
    name: 'fairlead',
    version: '',
    http: new URL(url).host,
    grpc,
    stop: async () => void (await stop()),
  };
}
