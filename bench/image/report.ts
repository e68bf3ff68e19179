/** What the rounds came to, and what was promised. */
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../measure/table.ts';

export interface Sample {
  readonly tool: 'fairlead' | 'crane append';
  readonly name: string;
  readonly seconds: number;
  readonly peakBytes: number;
}

export interface Findings {
  readonly samples: readonly Sample[];
  /** Bytes over the base, compressed. */
  readonly added: number;
  /** Bytes that a new version of the model uploaded, in each round. */
  readonly uploads: readonly number[];
  /** Two builds, in two folders of different days, have one digest. */
  readonly isSame: boolean;
  /** `crane validate` takes it. */
  readonly isValid: boolean;
}

export interface Promised {
  readonly text: string;
  readonly holds: boolean;
}

const MB = 1_000_000;
const MOST_ADDED = 70 * MB;
const MOST_UPLOADED = MB;

export function promises({ added, uploads, isSame, isValid }: Findings): readonly Promised[] {
  const uploaded = Math.max(...uploads);
  return [
    {
      text: `over the base: ${formatFigure(added / MB)} MB compressed (at most 70)`,
      holds: added <= MOST_ADDED,
    },
    {
      text: `a new version of the model uploads ${formatFigure(uploaded / 1000)} kB (less than 1,000)`,
      holds: uploaded < MOST_UPLOADED,
    },
    { text: 'two builds in two folders have one digest', holds: isSame },
    { text: 'crane validate takes it', holds: isValid },
  ];
}

export function renderReport(findings: Findings, footnote: string): string {
  const names = [...new Set(findings.samples.map(({ name }) => name))];
  const rows = names.map(name => rowOf(name, findings.samples));
  const header = [
    'build and push',
    'fairlead, s',
    'crane append, s',
    'fairlead ÷ crane',
    'peak MiB',
    'of crane',
  ];
  const told = promises(findings).map(({ text, holds }) => `- ${holds ? 'holds' : 'BROKEN'}: ${text}`);
  return `${renderTable(header, rows)}\n\n${told.join('\n')}\n\n${footnote}`;
}

function rowOf(name: string, samples: readonly Sample[]): string[] {
  const of = (tool: Sample['tool'], figure: (sample: Sample) => number): number[] =>
    samples.filter(one => one.tool === tool && one.name === name).map(figure);
  const [ours, theirs] = [
    of('fairlead', ({ seconds }) => seconds),
    of('crane append', ({ seconds }) => seconds),
  ];
  const peak = (tool: Sample['tool']): string =>
    formatFigure(spreadOf(of(tool, ({ peakBytes }) => peakBytes)).median / 2 ** 20);
  const ratio = formatSpread(spreadOf(pairedRatios(ours, theirs)));
  return [
    name,
    formatSpread(spreadOf(ours)),
    formatSpread(spreadOf(theirs)),
    ratio,
    peak('fairlead'),
    peak('crane append'),
  ];
}
