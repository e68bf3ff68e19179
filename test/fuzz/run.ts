/**
 * Generated and changed traffic against every place where bytes of a client come in: `npm run fuzz -- --seconds N`. Ends
 * with 1 when something broke its promise. test/fuzz/README.md says what is promised.
 */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { borders } from './borders/index.ts';
import { fromFile } from './case.ts';
import { borderOf, grow } from './corpus.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { fuzzPure } from './pure/layer.ts';
import { take } from './pure/taking.ts';
import { findingText, tableText } from './report.ts';

const names = borders.map(({ name }) => name);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), names);
  if (options.help) return void process.stdout.write(HELP.replace('BORDERS', names.join(', ')));
  if (options.replay.length > 0) return replay(options.replay);
  await fuzz(options);
}

async function replay(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const border = borders.find(({ name }) => name === borderOf(file));
    if (border === undefined) throw new Error(`${file}: its folder is named after no border`);
    const { words, problem, ms } = await take(border, fromFile(readFileSync(file)));
    process.stdout.write(`${file}: ${problem ?? words} (${ms.toFixed(1)} ms)\n`);
    if (problem !== undefined) process.exitCode = 1;
  }
}

async function fuzz({
  seconds,
  seed = Math.floor(Math.random() * 2 ** 32),
  ...options
}: Options): Promise<void> {
  const { only = names, out = join(tmpdir(), 'fairlead-fuzz') } = options;
  process.stdout.write(`seed ${seed}, ${seconds} s: ${only.join(', ')}\n`);
  const tell = (text: string): void => void process.stdout.write(text);
  const pure = await fuzzPure({ borders: only, seed, ms: seconds * 1000 }, finding =>
    tell(findingText(finding, { seed, out })),
  );
  tell(tableText(pure.results.map(result => ({ ...result, finds: result.finds.size }))));
  if (options.grow)
    for (const { border, finds } of pure.results) tell(`${grow(border, finds)} inputs of ${border} kept\n`);
  if (pure.findings.length > 0) process.exitCode = 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
