/** The page for a person: what was asked, what differs, and why. */
import type { Difference } from './compare.ts';
import type { Explained } from './rules.ts';

export interface Comparison {
  /** Name and version of the peer. */
  readonly peer: string;
  readonly groups: readonly Count[];
  readonly explained: readonly Explained[];
}

interface Count {
  readonly title: string;
  readonly requests: number;
  /** With the same status. */
  readonly alike: number;
  /** With the same answer. */
  readonly same: number;
}

/** Requests named one by one in a row; when more have the same difference, the first of them and their number. */
const MOST_TITLES = 6;
const MOST_TEXT = 170;
const MOST_FIELDS = 8;

/** The page, from an introduction and what was found. */
export function page(introduction: string, comparisons: readonly Comparison[]): string {
  return `${introduction.trimEnd()}\n\n${comparisons.map(section).join('\n')}`;
}

function section({ peer, groups, explained }: Comparison): string {
  const sum = (of: 'requests' | 'alike' | 'same'): number =>
    groups.reduce((total, group) => total + group[of], 0);
  const counts = groups.map(({ title, requests, alike, same }) => [
    title,
    ...[requests, alike, same].map(String),
  ]);
  return `## Beside ${peer}

Of ${sum('requests')} requests, ${sum('alike')} have the same status, and ${sum('same')} of these the same answer in all that is
compared. The others differ as follows.

${table(['requests', 'sent', 'same status', 'same answer'], counts)}
${explained.map(one => ruleSection(one, peer)).join('\n')}`;
}

function ruleSection({ rule, differences }: Explained, peer: string): string {
  return `### ${rule.title}

${rule.why}

${table(['request', peer, 'fairlead'], merged(differences))}`;
}

/** A row for each request, then one for all whose answers differ in the same way. */
function merged(differences: readonly Difference[]): string[][] {
  const byRequest = Map.groupBy(differences, ({ of }) => of);
  const rows = [...byRequest].map(([{ title }, found]) => ({
    title,
    cells: [cell(found, 'peer'), cell(found, 'fairlead')],
  }));
  return [...Map.groupBy(rows, ({ cells }) => cells.join('\n'))].map(([, same]) => [
    titles(same.map(({ title }) => title)),
    ...(same[0]?.cells ?? []),
  ]);
}

function titles(all: readonly string[]): string {
  const shown = all.length > MOST_TITLES ? [`${all[0]}`, `${all.length - 1} more`] : all;
  return shown.map(escaped).join(';<br>');
}

function cell(found: readonly Difference[], side: 'peer' | 'fairlead'): string {
  const named = found.filter(one => one[side] !== undefined);
  const bare = found.length === 1 && (found[0]?.field === 'status' || found[0]?.field === 'error');
  const texts = named.map(one => (bare ? code(one[side]) : `${one.field}: ${code(one[side])}`));
  const more = texts.length > MOST_FIELDS ? [`and ${texts.length - MOST_FIELDS} more`] : [];
  return texts.length === 0 ? '–' : [...texts.slice(0, MOST_FIELDS), ...more].join('<br>');
}

function code(text = ''): string {
  const short = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  return `\`${short.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

function escaped(text: string): string {
  return text.replaceAll(/[|<>_*]/g, '\\$&');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
