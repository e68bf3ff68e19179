import type { Observation } from './observation.ts';

/** A part of a prediction's way, in moments on the clock. */
export interface Stage {
  readonly name: 'read' | 'load' | 'decode' | 'queue' | 'encode' | 'write';
  readonly begun: number;
  readonly ended: number;
}

/** The stages that a prediction came to, without its runs, in their order; the last ends when it failed. */
export function stagesOf(seen: Observation, closed: number): Stage[] {
  const { since, received, loaded, decoded, answered, encoded, settled = closed } = seen;
  const stages: Stage[] = [{ name: 'read', begun: since, ended: received ?? settled }];
  if (received === undefined) return stages;
  if (seen.isLoading) stages.push({ name: 'load', begun: received, ended: loaded ?? settled });
  if (seen.isLoading && loaded === undefined) return stages;
  stages.push({ name: 'decode', begun: loaded ?? received, ended: decoded ?? settled });
  if (decoded === undefined) return stages;
  stages.push({ name: 'queue', begun: decoded, ended: seen.runs[0]?.note.begun ?? settled });
  if (answered === undefined) return stages;
  stages.push({ name: 'encode', begun: answered, ended: encoded ?? settled });
  if (encoded !== undefined) stages.push({ name: 'write', begun: encoded, ended: closed });
  return stages;
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
