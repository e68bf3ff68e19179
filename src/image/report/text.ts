/** A report for people: it fits a terminal, and is the same without one. */
import { barText, sizeText, table } from '#base';
import type { PlatformReport, Report } from './report.ts';
import type { Saving } from './savings.ts';

const COLUMNS = 100;
const LEAST_COLUMNS = 80;
const BAR = 16;
/** What all other columns of the table of layers take, at most. */
const OTHERS = 62;

export function reportText({ platforms }: Report, columns: number = COLUMNS): string {
  const width = Math.max(LEAST_COLUMNS, Math.min(columns, COLUMNS));
  return platforms.map(one => platformText(one, width)).join('\n');
}

function platformText(report: PlatformReport, width: number): string {
  const parts = [layersText(report, width), largestText(report, width), savingsText(report, width)];
  return `${report.platform} on ${pinnedText(report.base)}\n\n${parts.filter(part => part !== '').join('\n')}`;
}

/** Names are pinned; twelve digits tell a digest from others. */
function pinnedText(name: string): string {
  return name.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…');
}

function layersText({ layers, totals }: PlatformReport, width: number): string {
  const rows = layers.map(({ role, what, size, unpacked, share }) => {
    const bar = barText(Math.min(1, share), BAR);
    return [
      `  ${role}`,
      clipped(what, width - OTHERS),
      sizeText(size),
      sizeText(unpacked),
      bar,
      percent(share),
    ];
  });
  const { size, unpacked, overBase, shared } = totals;
  const of = (part: number): string => percent(size === 0 ? 0 : part / size);
  const sums = [
    ['  in all', 'if nothing is there', sizeText(size), sizeText(unpacked), '', ''],
    ['', 'over the base', sizeText(overBase), '', '', of(overBase)],
    ['', 'shared on this base', sizeText(shared), '', '', of(shared)],
  ];
  return table([['  layer', 'what', 'to pull', 'unpacked', '', ''], ...rows, ...sums], [2, 3, 5]);
}

function largestText({ largest }: PlatformReport, width: number): string {
  if (largest.length === 0) return '';
  const rows = largest.map(({ kind, name, version, bytes, of }) => [
    `  ${clipped(`${name} ${version}`, width - 36)}`,
    kind === 'generic' ? 'native' : kind,
    of,
    sizeText(bytes),
  ]);
  return table([['  takes most', 'kind', 'layer', 'unpacked'], ...rows], [3]);
}

function savingsText({ savings }: PlatformReport, width: number): string {
  if (savings.length === 0) return '  Nothing that is known to be spare takes a megabyte.\n';
  const [bytes, size] = [total(savings, one => one.bytes), total(savings, one => one.size)];
  const head = `  could go: ${sizeText(bytes)} unpacked, about ${sizeText(size)} to pull\n`;
  const note = savings.some(({ change }) => change.startsWith(OWN)) ? wrapped(SQUASH, '  ', width) : '';
  return [head, ...savings.map((one, at) => savingText(one, at + 1, width)), note].join('');
}

/** How changes begin that no flag makes. */
const OWN = 'a base of your own';
const SQUASH =
  'A base of your own: FROM the base and RUN what is said, with its layers then made one (`crane flatten`), as what a later layer removes is pulled all the same.';

function savingText({ what, why, change, bytes, size }: Saving, at: number, width: number): string {
  const head = `${at}. ${what}: ${sizeText(bytes)} unpacked, about ${sizeText(size)} to pull`;
  return [wrapped(head, '  ', width), wrapped(why, '     ', width), changeText(change, width)].join('');
}

/** Flags are one line, however long: they are copied. */
function changeText(change: string, width: number): string {
  return change.startsWith('--') ? `     → ${change}\n` : wrapped(`→ ${change}`, '     ', width);
}

function total(savings: readonly Saving[], of: (saving: Saving) => number): number {
  return savings.reduce((sum, one) => sum + of(one), 0);
}

/** Names of files and models may have characters that move a cursor. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function clipped(named: string, width: number): string {
  const text = printable(named);
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

/** Words in lines; one that is longer than a line has its own, so that it can be copied. */
function wrapped(text: string, indent: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map(one => `${indent}${one}\n`).join('');
}
