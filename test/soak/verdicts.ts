/** What is asked of a run as a whole, once it is over. */
import type { Kind } from './kind.ts';
import type { Tally } from './report/tally.ts';
import { growthOf } from './watch/growth.ts';
import type { Seen } from './watch/watch.ts';

/** What did not come to pass: a run that did not provoke something has shown nothing of it. */
export function unseen(kinds: readonly Kind[], tally: Tally): string[] {
  return kinds.flatMap(({ name, mustSee }) => {
    const outcomes = tally.rows.find(row => row.name === name)?.outcomes.keys() ?? [];
    const all = [...outcomes];
    return mustSee
      .filter(wanted => !all.some(words => wanted.test(words)))
      .map(wanted => `${name}: nothing came out as ${String(wanted)}`);
  });
}

/** Memory that goes on growing. */
export function grown({ server, gateway }: Pick<Seen, 'server' | 'gateway'>, seconds: number): string[] {
  const processes = { 'the server': server, 'the gateway': gateway };
  return Object.entries(processes).flatMap(([name, samples]) => {
    const { share, limit, before, after, rule } = growthOf(samples, seconds);
    const told = `${before.toFixed(0)} to ${after.toFixed(0)} MiB`;
    return share <= limit ? [] : [`the memory of ${name} grows: ${told}, ${rule}`];
  });
}
