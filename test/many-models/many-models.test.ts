import assert from 'node:assert/strict';
import test from 'node:test';
import { reloadUnderLoad } from './reload.ts';
import { faults } from './report.ts';
import { runTrial, type TrialOptions } from './trial.ts';

test('sixty models answer right in a server that has no room for all of them, and stays within its memory', async () => {
  const options: TrialOptions = {
    models: 60,
    size: 1_000_000,
    budget: 220_000_000,
    requests: 300,
    clients: 8,
    seed: 1,
  };
  const phases = await runTrial(options);
  assert.deepEqual(faults(phases, options), []);
  const last = phases.at(-1);
  assert(last !== undefined && last.loaded < 60 && last.loaded > 0, `${last?.loaded} models are loaded`);
  assert(phases.every(({ outcomes }) => outcomes.length > 0));
});

test('a version is loaded again ten times under 32 clients, and not one request fails', async () => {
  const { answered, faults: failed } = await reloadUnderLoad({ reloads: 10, clients: 32, size: 100_000 });
  assert.deepEqual(failed, []);
  assert(answered > 100, `only ${answered} were answered`);
});
