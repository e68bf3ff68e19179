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

/** Seconds of each stage and of the last run, for people who look for where the time went. */
export function secondsByStage(seen: Observation, closed: number): Readonly<Record<string, number>> {
  const stages = stagesOf(seen, closed).map(
    ({ name, begun, ended }) => [`${name}_s`, seconds(ended - begun)] as const,
  );
  const note = seen.runs.at(-1)?.note;
  if (note === undefined || note.split === 0) return Object.fromEntries(stages);
  return {
    ...Object.fromEntries(stages),
    join_s: seconds(note.joined - note.begun),
    run_s: seconds(note.ran - note.joined),
    split_s: seconds(note.split - note.ran),
  };
}

/** To the microsecond. */
export function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}
