/** The examples that want an interpreter with packages: each is asked, and answers as it should. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, startProgram } from '../programs/fairlead.ts';

export interface Example {
  /** A folder of `examples`. */
  readonly name: string;
  /** What must be there to be imported. */
  readonly packages: readonly string[];
  /** Throws where it does not answer as it should. */
  readonly check: (url: string, folder: string) => Promise<void>;
}

/** TensorFlow takes seconds to be imported. */
const LOAD_SECONDS = 60;

export const examples: readonly Example[] = [
  { name: 'sklearn', packages: ['numpy', 'sklearn', 'skops'], check: checkIrises },
  { name: 'tensorflow', packages: ['tensorflow'], check: checkDigits },
];

/** Runs one as its README says, in a copy of its folder with the virtual environment where it is looked for. */
export async function runExample({ name, check }: Example, environment: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `fairlead-${name}-`));
  cpSync(join(root, 'examples', name), folder, { recursive: true, filter: path => !path.includes('.venv') });
  symlinkSync(environment, join(folder, '.venv'));
  const server = await startProgram(['up', folder, '--grpc-port', 'off'], {}, LOAD_SECONDS);
  try {
    await check(server.url, folder);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function posted(url: string, path: string, body: string): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text) as Answer;
}

interface Answer {
  readonly predictions: unknown;
  readonly model_version?: string;
}

interface Irises {
  readonly sizes: readonly (readonly number[])[];
  readonly label: readonly string[];
  readonly probabilities: readonly (readonly number[])[];
}

/** scikit-learn's own answers lie beside the model. */
async function checkIrises(url: string, folder: string): Promise<void> {
  const { sizes, ...own } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as Irises;
  const answer = await posted(url, '/predict', JSON.stringify({ inputs: sizes }));
  const rows = answer.predictions as readonly { label: string; probabilities: readonly number[] }[];
  assert.equal(answer.model_version, '1');
  assert.deepEqual(
    rows.map(({ label }) => label),
    own.label,
  );
  for (const [at, { probabilities }] of rows.entries())
    for (const [of, value] of probabilities.entries())
      assert(Math.abs(value - (own.probabilities[at]?.[of] ?? Number.NaN)) < 1e-9);
  await posted(url, '/predict', readFileSync(join(folder, 'request.json'), 'utf8'));
}

/** It learnt from the network of examples/digits, and answers every digit as that does. */
async function checkDigits(url: string, folder: string): Promise<void> {
  const reference = JSON.parse(readFileSync(join(root, 'examples/digits/reference.json'), 'utf8')) as {
    readonly pixels: readonly (readonly number[])[];
    readonly '2': { readonly class: readonly number[] };
  };
  const body = JSON.stringify({ instances: reference.pixels });
  const { predictions } = await posted(url, '/v1/models/digits:predict', body);
  const classes = (predictions as readonly (readonly number[])[]).map(row => row.indexOf(Math.max(...row)));
  assert.deepEqual(classes, reference['2'].class);
  const one = await posted(url, '/predict', readFileSync(join(folder, 'request.json'), 'utf8'));
  assert.equal(one.model_version, '1');
}
