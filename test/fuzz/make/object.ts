import type { Random } from '../random.ts';

export type Member = readonly [name: string, value: string];

/** In any order, and now and then with one too many. */
export function object(members: readonly Member[], random: Random): string {
  const all = random.chance(0.02) ? [...members, ...members.slice(0, 1)] : members;
  const sorted = random.chance(0.2) ? all.toReversed() : all;
  return `{${sorted.map(([name, content]) => `${JSON.stringify(name)}:${content}`).join(',')}}`;
}
