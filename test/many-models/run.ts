/**
 * Many models in one server under a memory budget: are all answers right, does the server stay within, and how long does a
 * request wait for its model? `--models`, `--size`, `--budget` (or `none`), `--requests`, `--clients`, `--seed`. Then one model is
 * loaded again `--reloads` times under 32 clients.
 */
import { parseArgs } from 'node:util';
import { reloadUnderLoad } from './reload.ts';
import { faults, reloadReport, report } from './report.ts';
import { runTrial, type TrialOptions } from './trial.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    size: { type: 'string', default: '100000' },
    budget: { type: 'string', default: '300000000' },
    requests: { type: 'string', default: '20000' },
    clients: { type: 'string', default: '16' },
    reloads: { type: 'string', default: '50' },
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
process.stdout.write(`${report(phases, options)}\n\n`);
const reloads = { reloads: Number(values.reloads), clients: 32, size: options.size };
const reloaded = await reloadUnderLoad(reloads);
process.stdout.write(`${reloadReport(reloaded, reloads)}\n`);
const found = [...faults(phases, options), ...reloaded.faults];
for (const fault of found.slice(0, 20)) process.stderr.write(`${fault}\n`);
process.exitCode = found.length === 0 ? 0 : 1;
