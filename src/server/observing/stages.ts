import type { Observation } from './observation.ts';

/** A part of a prediction's way, in moments on the clock. */
export interface Stage {
  readonly name: 'read' | 'load' | 'decode' | 'queue' | 'encode' | 'write';
  readonly begun: number;
  readonly ended: number;
}

/** The stages that a prediction came to, without its runs, in their order; the last ends when it failed. */
export function stagesOf(seen: Observation, closed: number): Stage[] {
  const stages: Stage[] = [];
  for (const [name, begun, ended] of boundsOf(seen, closed)) {
    if (begun === undefined) break;
    stages.push({ name, begun, ended: ended ?? seen.settled ?? closed });
    if (ended === undefined) break;
  }
  return stages;
}

/** Each stage with its begin and its end, where it came to those. */
function boundsOf(
  seen: Observation,
  closed: number,
): readonly (readonly [Stage['name'], number | undefined, number | undefined])[] {
  const { since, received, isLoading, loaded, decoded, answered, encoded, runs } = seen;
  return [
    ['read', since, received],
    ...(isLoading ? [['load', received, loaded] as const] : []),
    ['decode', loaded ?? received, decoded],
    ['queue', decoded, runs[0]?.note.begun],
    ['encode', answered, encoded],
    ['write', encoded, closed],
  ];
}

/** Seconds of each stage, and of the runs in place of what lies between queue and encode: together all the time it took. */
export function secondsByStage(seen: Observation, closed: number): Readonly<Record<string, number>> {
  const parts = new Map<string, number>();
  const add = (name: string, ms: number): void => void parts.set(name, (parts.get(name) ?? 0) + ms);
  for (const { name, begun, ended } of stagesOf(seen, closed)) add(name, ended - begun);
  addRuns(seen, closed, add);
  // Its refusal went out.
  if (seen.encoded === undefined && seen.settled !== undefined) add('write', closed - seen.settled);
  return Object.fromEntries(Array.from(parts, ([name, ms]) => [`${name}_s`, seconds(ms)]));
}

/** A failed batch is tried again by halves: until its turn comes, a request waits as in a queue. */
function addRuns(seen: Observation, closed: number, add: (name: string, ms: number) => void): void {
  const { runs, answered, settled = closed } = seen;
  let at = runs[0]?.note.begun;
  if (at === undefined) return;
  for (const { note } of runs) {
    add('queue', note.begun - at);
    // It is under way still: whoever asked was told that it is too late.
    if (note.split === 0) return add('run', settled - note.begun);
    add('join', note.joined - note.begun);
    add('run', note.ran - note.joined);
    add('split', note.split - note.ran);
    at = note.split;
  }
  add(answered === undefined ? 'queue' : 'split', (answered ?? settled) - at);
}

/** To the microsecond. */
export function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}
