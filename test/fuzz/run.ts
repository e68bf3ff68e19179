/**
 * Generated and changed traffic against every place where bytes of a client come in: `npm run fuzz -- --seconds N`. Ends
 * with 1 when something broke its promise. README.md beside this says what is promised.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { borders } from './borders/index.ts';
import { grow } from './corpus.ts';
import type { Finding } from './finding.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { fuzzPure } from './pure/layer.ts';
import type { Result } from './pure/messages.ts';
import { replay } from './replay.ts';
import { findingText, tableText } from './report.ts';
import { fuzzWire, wireNames } from './wire/layer.ts';

const pureNames = borders.map(({ name }) => name);
const names = [...pureNames, ...wireNames];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), names);
  const isRight = options.help
    ? (say(HELP.replace('BORDERS', names.join(', '))), true)
    : options.replay.length > 0
      ? await replay(options.replay, say)
      : await fuzz(options);
  if (!isRight) process.exitCode = 1;
}

/** Of the time, when there are borders of both kinds: an input takes some microseconds there, and milliseconds here. */
const PURE_SHARE = 0.4;

async function fuzz({
  seconds,
  seed = Math.floor(Math.random() * 2 ** 32),
  ...options
}: Options): Promise<boolean> {
  const { only = names, out = join(tmpdir(), 'fairlead-fuzz') } = options;
  say(`seed ${seed}, ${seconds} s: ${only.join(', ')}`);
  let found = 0;
  const onFinding = (finding: Finding): void => {
    found++;
    say(findingText(finding, { seed, out }));
  };
  const pure = only.filter(name => pureNames.includes(name));
  const wire = only.filter(name => wireNames.includes(name));
  const share = wire.length === 0 ? 1 : pure.length === 0 ? 0 : PURE_SHARE;
  const results: Result[] = [];
  if (share > 0) {
    const job = { borders: pure, seed, ms: seconds * 1000 * share };
    results.push(...(await fuzzPure(job, onFinding)).results);
  }
  if (share < 1) {
    const outcome = await fuzzWire({ borders: wire, seed, ms: seconds * 1000 * (1 - share) }, onFinding);
    results.push(...outcome.results);
    const { most, course } = outcome.memory;
    say(`the server's memory, MiB: ${course.map(Math.round).join(' ')}; at most ${Math.round(most)}`);
  }
  say(tableText(results.map(result => ({ ...result, finds: result.finds.size }))));
  if (options.grow)
    for (const { border, finds } of results) say(`${grow(border, finds)} inputs of ${border} kept`);
  return found === 0;
}

await main().catch((error: unknown) => {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
