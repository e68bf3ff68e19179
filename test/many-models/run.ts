/**
 * Many models in one server under a memory budget: are all answers right, does the server stay within, and how long does a
 * request wait for its model? `--models`, `--size`, `--budget` (or `none`), `--requests`, `--clients`, `--seed`.
 */
import { parseArgs } from 'node:util';
import { faults, report } from './report.ts';
import { runTrial, type TrialOptions } from './trial.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    size: { type: 'string', default: '100000' },
    budget: { type: 'string', default: '300000000' },
    requests: { type: 'string', default: '20000' },
    clients: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
  },
});

const options: TrialOptions = {
  models: Number(values.models),
  size: Number(values.size),
  budget: values.budget === 'none' ? undefined : Number(values.budget),
  requests: Number(values.requests),
  clients: Number(values.clients),
  seed: Number(values.seed),
};
const phases = await runTrial(options);
process.stdout.write(`${report(phases, options)}\n`);
const found = faults(phases, options);
for (const fault of found.slice(0, 20)) process.stderr.write(`${fault}\n`);
process.exitCode = found.length === 0 ? 0 : 1;
