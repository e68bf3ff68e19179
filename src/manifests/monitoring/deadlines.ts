/** How long answers may take, as the file says it. */
import { milliseconds, type ServerOptions } from '#spec';
import type { Release } from '../release.ts';

export interface Deadline {
  /** A pattern of the names of models; undefined for all. */
  readonly models: string | undefined;
  readonly seconds: number;
}

/** Of each model; where two revisions differ the longer one, so that the other's is not told of as a fault. */
export function deadlinesOf({ arms }: Release): Deadline[] {
  const usual = longest(arms.map(({ service }) => service.spec.server.deadline));
  const own = new Map<string, number>();
  for (const { deployed, service } of arms) {
    const { told } = deployed.revision;
    const entries = told.kind === 'entries' ? told.entries : [];
    for (const { name, deadline = service.spec.server.deadline } of entries)
      own.set(name, Math.max(own.get(name) ?? 0, secondsOf(deadline) ?? Number.POSITIVE_INFINITY));
  }
  const other = [...own].filter(([, seconds]) => seconds !== usual);
  const others = other.map(([name]) => patternOf(name));
  const rest = others.length === 0 ? undefined : `!${others.join('|')}`;
  return [
    { models: rest, seconds: usual },
    ...other.map(([name, seconds]) => ({ models: patternOf(name), seconds })),
  ].filter(({ seconds }) => Number.isFinite(seconds));
}

/** Just this name, of which a dot is the only sign that a pattern reads otherwise. */
function patternOf(name: string): string {
  return name.replaceAll('.', '[.]');
}

function longest(deadlines: readonly ServerOptions['deadline'][]): number {
  return Math.max(...deadlines.map(one => secondsOf(one) ?? Number.POSITIVE_INFINITY));
}

function secondsOf(deadline: string | undefined): number | undefined {
  return deadline === undefined ? undefined : milliseconds(deadline) / 1000;
}
