import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { pythonFor } from '../src/server/runtimes/python/fixtures/python.ts';
import { root, running } from './programs/fairlead.ts';

interface Reference {
  readonly pixels: readonly (readonly number[])[];
  readonly '2': { readonly class: readonly number[] };
}

const reference = JSON.parse(readFileSync(join(root, 'examples/digits/reference.json'), 'utf8')) as Reference;

test('the example of PyTorch answers every digit as the network that it learnt from', async t => {
  if (pythonFor(t, 'torch', 'numpy') !== '/usr/bin/python3') return;
  const { url } = await running(t, ['up', 'examples/torch', '--grpc-port', 'off']);
  const body = JSON.stringify({ inputs: reference.pixels });
  const answer = await fetch(`${url}/predict`, { method: 'POST', body });
  const { predictions, model_version: version } = (await answer.json()) as {
    predictions: number[][];
    model_version: string;
  };
  assert.equal(version, '1');
  const classes = predictions.map(row => row.indexOf(Math.max(...row)));
  assert.deepEqual(classes, reference['2'].class);
  const metadata = (await (await fetch(`${url}/v2/models/digits`)).json()) as Record<string, unknown>;
  assert.equal(metadata['platform'], 'pytorch_libtorch');
});
