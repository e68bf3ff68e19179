/** Tells how far an image is, on a terminal: one line that is redrawn. */
import { barText, sizeText } from '#base';
import type { Terminal } from './terminal.ts';

export interface Step {
  /** What is done: `push digits:2`. */
  readonly phase: string;
  /** Bytes; `total` undefined until it is known. */
  readonly done: number;
  readonly total: number | undefined;
}

const REDRAW_MS = 100;
/** Characters of what is done that are left of it. */
const LEAST = 12;

/** Takes steps as they come; one that begins is shown at once, since it may be silent for long. What is no terminal is told nothing. */
export function tellSteps(terminal: Pick<Terminal, 'isTerminal' | 'columns' | 'live'>): (step: Step) => void {
  let told = Number.NEGATIVE_INFINITY;
  return step => {
    const now = performance.now();
    if (!terminal.isTerminal || (step.done > 0 && now - told < REDRAW_MS)) return;
    told = now;
    terminal.live(stepLine(step, terminal.columns - 1));
  };
}

/** What is done gives way to how far it is. */
function stepLine({ phase, done, total }: Step, width: number): string {
  const far = farText(done, total);
  return cut(cut(phase, Math.max(LEAST, width - far.length)) + far, width);
}

function farText(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return done === 0 ? '' : `  ${sizeText(done)}`;
  return `  ${barText(Math.min(1, done / total))}  ${sizeText(done)} of ${sizeText(total)}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
