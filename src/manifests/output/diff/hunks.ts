/** The parts of a YAML text that change, each with the lines around it and with the place that it lies at. */
import type { Edit } from './edits.ts';

export interface Hunk {
  /** `spec.template.spec.containers[server]`; empty at the top. */
  readonly place: string;
  readonly edits: readonly Edit[];
}

const CONTEXT = 3;

export function hunksOf(edits: readonly Edit[]): Hunk[] {
  const shown = edits.map((_edit, at) => {
    const around = edits.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1);
    return around.some(({ kind }) => kind !== 'same');
  });
  const starts = shown.flatMap((isShown, at) => (isShown && !shown[at - 1] ? [at] : []));
  return starts.map(start => {
    const end = shown.indexOf(false, start);
    const own = edits.slice(start, end === -1 ? edits.length : end);
    return { place: placeOf(edits, start + own.findIndex(({ kind }) => kind !== 'same')), edits: own };
  });
}

/** Keys and names of items that a line lies under, from the lines above it that are indented less. */
function placeOf(edits: readonly Edit[], from: number): string {
  const steps: string[] = [];
  let below = lineAt(edits, from);
  for (let at = from - 1; at >= 0; at--) {
    const line = lineAt(edits, at);
    if (!isAbove(line, below) || edits[at]?.kind === 'new') continue;
    steps.unshift(line.isItem ? `[${/^- name: (.*)$/.exec(line.text)?.[1] ?? ''}]` : `.${keyOf(line.text)}`);
    below = line;
  }
  return steps.join('').slice(1);
}

interface Line {
  readonly indent: number;
  readonly isItem: boolean;
  readonly text: string;
}

function lineAt(edits: readonly Edit[], at: number): Line {
  const line = edits[at]?.line ?? '';
  const text = line.trimStart();
  return { indent: line.length - text.length, isItem: text.startsWith('- '), text };
}

/** Items stand right below their key, not to the right of it. */
function isAbove({ indent, isItem, text }: Line, below: Line): boolean {
  if (text === '') return false;
  return indent < below.indent || (indent === below.indent && below.isItem && !isItem);
}

function keyOf(text: string): string {
  return text.replace(/:.*$/, '');
}
