/** Takes inputs again that were written to files. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Border } from './border.ts';
import { borders } from './borders/index.ts';
import { fromFile } from './case.ts';
import { borderOf } from './corpus.ts';
import { take, takeOnce } from './pure/taking.ts';
import { wireBorders, wireNames } from './wire/layer.ts';
import { startServer } from './wire/server.ts';
import { stderrFault } from './wire/stderr.ts';

/** Files, and all that lie in folders; says of each what came of it. False when one broke a promise. */
export async function replay(paths: readonly string[], say: (line: string) => void): Promise<boolean> {
  const files = paths.flatMap(filesUnder);
  const isWired = files.some(file => wireNames.includes(borderOf(file)));
  return isWired ? replayWired(files, say) : replayAll(files, borders, say);
}

function filesUnder(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap(name => filesUnder(join(path, name)));
}

async function replayWired(files: readonly string[], say: (line: string) => void): Promise<boolean> {
  const server = await startServer();
  const all = wireBorders(server);
  const isRight = await replayAll(files, [...borders, ...all], say);
  for (const border of all) border.close?.();
  const { exitCode } = server.program.child;
  if (exitCode === null) await server.stop();
  else say(`the server ended with ${exitCode}`);
  const said = stderrFault(server.program.stderr());
  if (said !== undefined) say(`the server said: ${said}`);
  return isRight && exitCode === null && said === undefined;
}

async function replayAll(
  files: readonly string[],
  known: readonly Border[],
  say: (line: string) => void,
): Promise<boolean> {
  let isRight = true;
  for (const file of files) {
    const border = known.find(({ name }) => name === borderOf(file));
    if (border === undefined) throw new Error(`${file}: its folder is named after no border`);
    const takeAs = wireNames.includes(border.name) ? takeOnce : take;
    const { words, problem, ms } = await takeAs(border, fromFile(readFileSync(file)));
    say(`${file}: ${problem ?? words} (${ms.toFixed(1)} ms)`);
    isRight &&= problem === undefined;
  }
  return isRight;
}
