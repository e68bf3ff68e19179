/**
 * Half an hour of everything at once: `npm run soak -- --seconds N --seed S`. Ends with 1 when a promise was broken.
 * README.md beside this says what is promised.
 */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { HELP, type Options, parseOptions } from './options.ts';
import { soak } from './soak.ts';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(HELP);
  process.exitCode = await soaked(options);
}

/** The exit code. */
async function soaked({
  seconds,
  seed = Math.floor(Math.random() * 2 ** 32),
  report: file,
}: Options): Promise<number> {
  process.stderr.write(`soak: seed ${seed}, ${seconds} s\n`);
  const stop = new AbortController();
  let code: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      code = 128 + constants.signals[signal];
      stop.abort();
    });
  const { report, faults } = await soak({ seconds, seed, signal: stop.signal });
  process.stdout.write(report);
  if (file !== undefined) writeFileSync(file, report);
  return code ?? (faults === 0 ? 0 : 1);
}

await main().catch((error: unknown) => {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
