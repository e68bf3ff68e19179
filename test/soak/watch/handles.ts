import type { Usage } from '../subject/messages.ts';

/** What is more than at the start, of what keeps a process alive, of its descriptors and of its threads; in words. */
export interface Held {
  readonly resources: Usage['resources'];
  readonly descriptors: number;
  readonly threads: readonly string[];
}

/** Timers come and go by themselves. */
const COME_AND_GO = ['Timeout', 'Immediate', 'TickObject'];

/** What the server may open once, when it is first needed. */
const SPARE_DESCRIPTORS = 4;

export function moreThan(base: Held, now: Held): string[] {
  const more = Object.entries(now.resources)
    .filter(([type, count]) => !COME_AND_GO.includes(type) && count > (base.resources[type] ?? 0))
    .map(([type, count]) => `${count} ${type}, ${base.resources[type] ?? 0} at the start`);
  const lost = threadsOf(now, 'model') - threadsOf(base, 'model');
  if (lost !== 0)
    more.push(`${threadsOf(now, 'model')} threads of models, ${threadsOf(base, 'model')} at the start`);
  if (now.descriptors > base.descriptors + SPARE_DESCRIPTORS)
    more.push(`${now.descriptors} open descriptors, ${base.descriptors} at the start`);
  return more;
}

function threadsOf({ threads }: Held, name: string): number {
  return threads.filter(each => each === name).length;
}
