/** The report of a run, in Markdown. */
import type { Family } from '../kind.ts';
import { growthOf, type Sample, sparkline } from '../watch/growth.ts';
import type { Seen } from '../watch/watch.ts';
import type { Row, Tally } from './tally.ts';

export interface Facts {
  readonly seed: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly seen: Seen;
}

const TITLES: Readonly<Record<Family, string>> = {
  good: 'Good clients',
  hostile: 'Hostile clients',
  chaos: 'Trouble',
};

const WIDTH = 60;

export function markdown({ seed, seconds, tally, seen }: Facts): string {
  const { faults, told, done } = tally;
  const verdict = faults === 0 ? 'no promise was broken' : `**${faults} broken promises**`;
  const families = (['good', 'hostile', 'chaos'] as const).flatMap(family => [
    `## ${TITLES[family]}`,
    '',
    ...table(tally.rows.filter(row => row.family === family)),
    '',
  ]);
  return [
    '# Soak',
    '',
    `Seed ${seed}, ${seconds} s, ${done.toLocaleString('en')} exchanges: ${verdict}.`,
    ...othersText(seen.others),
    '',
    ...(told.length === 0 ? [] : ['## Faults', '', ...told.map(text => `- ${text}`), '']),
    ...families,
    ...processText(seen, seconds),
  ].join('\n');
}

function table(rows: readonly Row[]): string[] {
  const lines = rows.map(({ name, latencies, faults, left, outcomes }) => {
    const ms = [0.5, 0.99].map(share => latencies.quantile(share).toFixed(1));
    return `| ${[name, latencies.count, ...ms, latencies.most.toFixed(0), faults, left, outcomesText(outcomes)].join(' | ')} |`;
  });
  return [
    '| kind | came out | p50 ms | p99 ms | most ms | faults | left out | how |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...lines,
  ];
}

const MOST_SHOWN = 8;

function outcomesText(outcomes: ReadonlyMap<string, number>): string {
  const sorted = [...outcomes].toSorted(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, MOST_SHOWN).map(([words, count]) => `${words} ${count}`);
  const rest = sorted.slice(MOST_SHOWN).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(rest > 0 ? [`others ${rest}`] : [])].join(', ').replaceAll('|', '/');
}

function processText({ server, gateway, health, delay, ...seen }: Seen, seconds: number): string[] {
  return [
    '## The processes',
    '',
    `- \`/health\`: ${health.count} times, p50 ${health.quantile(0.5).toFixed(1)} ms, p99 ${health.quantile(0.99).toFixed(1)} ms, at most ${health.most.toFixed(0)} ms`,
    `- the event loop's delay: p99 of the worst five seconds ${delay.p99.toFixed(0)} ms, at most ${delay.most.toFixed(0)} ms`,
    `- threads that ended, killed or replaced: ${seen.threadsEnded}`,
    `- heap at the end ${seen.heapMib.toFixed(0)} MiB, buffers beside it ${seen.externalMib.toFixed(0)} MiB`,
    ...memoryText('the server', server, seconds),
    ...memoryText('the gateway of up', gateway, seconds),
    '',
  ];
}

/** From here on latencies and recoveries say more of the machine than of the server. */
const MUCH = 0.2;

function othersText(others = 0): string[] {
  if (others < MUCH) return [];
  const percent = Math.round(100 * others);
  return [
    '',
    `**Other processes had ${percent} % of the machine**: what took long may have done so for their sake.`,
  ];
}

function memoryText(name: string, samples: readonly Sample[], seconds: number): string[] {
  const mib = samples.map(sample => sample.mib);
  const { before, after, share, limit, rule } = growthOf(samples, seconds);
  const percent = (value: number): string => `${value < 0 ? '' : '+'}${(100 * value).toFixed(1)} %`;
  return [
    `- resident memory of ${name}: ${rule}: ${before.toFixed(0)} to ${after.toFixed(0)} MiB, ${percent(share)} (limit ${percent(limit)})`,
    '',
    `  \`${sparkline(mib, WIDTH)}\` ${Math.min(...mib).toFixed(0)}–${Math.max(...mib).toFixed(0)} MiB`,
    '',
  ];
}
