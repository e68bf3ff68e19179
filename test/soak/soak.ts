import { setTimeout } from 'node:timers/promises';
import { drive } from './driver.ts';
import type { Kind } from './kind.ts';
import { allKinds } from './kinds.ts';
import { markdown } from './report/markdown.ts';
import { showProgress } from './report/progress.ts';
import { Tally } from './report/tally.ts';
import { type Subjects, startSubjects } from './subject/subjects.ts';
import { grown, unseen } from './verdicts.ts';
import { LONG } from './watch/growth.ts';
import type { Held } from './watch/handles.ts';
import { residentMib } from './watch/process.ts';
import { isInOrder } from './watch/said.ts';
import { heldOnceUsed, leftOver, type Seen, watch } from './watch/watch.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Ends the run before its time. */
  readonly signal: AbortSignal;
}

export interface Outcome {
  readonly report: string;
  readonly faults: number;
}

/** As many broken promises say all there is to say. */
const MOST_FAULTS = 200;

/** Soaks: starts the subjects, lets everything happen, looks at what is left, stops all, and reports. */
export async function soak(options: SoakOptions): Promise<Outcome> {
  const start = performance.now();
  const tally = new Tally(() => (performance.now() - start) / 1000);
  const subjects = await startSubjects(line => {
    if (!isInOrder(line)) tally.fault(`the server said: ${line.slice(0, 500)}`);
  });
  try {
    const seen = await run({ ...options, tally, subjects });
    const seconds = lasted(seen);
    return { report: markdown({ seed: options.seed, seconds, tally, seen }), faults: tally.faults };
  } finally {
    await Promise.all([subjects.hosted.stop(), subjects.up.stop()]);
  }
}

interface Run extends SoakOptions {
  readonly tally: Tally;
  readonly subjects: Subjects;
}

async function run(one: Run): Promise<Seen> {
  const { subjects, tally, seconds, signal } = one;
  const base = await heldOnceUsed(subjects.hosted);
  const kinds = allKinds(subjects, seconds < LONG);
  const seen = await happening(one, kinds);
  // Who breaks a run off wants it to end, and no verdict.
  if (signal.aborted) return seen;
  const wrong = [...(await endings(subjects, base)), ...unseen(kinds, tally), ...grown(seen, lasted(seen))];
  for (const what of wrong) tally.fault(what);
  return seen;
}

/** Seconds. */
function lasted({ server }: Seen): number {
  return Math.round(server.at(-1)?.at ?? 0);
}

/** Everything at once, until the time is over or there is nothing more to learn. */
async function happening(
  { subjects, tally, seconds, seed, signal }: Run,
  kinds: readonly Kind[],
): Promise<Seen> {
  const { hosted } = subjects;
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const resident = (): number => residentMib(hosted.pid);
  const stopProgress = showProgress({ tally, seconds, resident });
  const watched = watch(subjects, ends, what => tally.fault(what));
  const driven = drive(kinds, { seed, tally, signal: ends });
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until && !ends.aborted && !hosted.ended && tally.faults < MOST_FAULTS)
    await setTimeout(100);
  over.abort();
  await driven;
  for (const kind of kinds) kind.close?.();
  stopProgress();
  return watched;
}

/** What no process of `up` says while all is well. */
const FAULT = /.*(internal error|Uncaught|UnhandledPromise|Warning:|\n {4}at ).*/;

/** Whether the processes live, hold no more than at first, and end as they are told. */
async function endings({ hosted, up }: Subjects, base: Held): Promise<string[]> {
  const wrong: string[] = [];
  if (hosted.ended) wrong.push('the server has ended by itself');
  else for (const more of await leftOver(hosted, base)) wrong.push(`the server still holds ${more}`);
  if (up.ended) wrong.push(`up has ended by itself: ${up.stderr.slice(-500)}`);
  const [code, upCode] = await Promise.all([hosted.stop(), up.stop()]);
  const upFault = FAULT.exec(up.stderr)?.[0];
  if (upFault !== undefined) wrong.push(`up said: ${upFault}`);
  if (code !== '0') wrong.push(`the server ended with ${code} when it was told to`);
  if (upCode !== '0') wrong.push(`up ended with ${upCode} when it was told to`);
  return wrong;
}
