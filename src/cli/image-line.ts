/** Tells how far an image is, on a terminal: one line that is redrawn. */
import { barText, sizeText } from '#base';
import type { Terminal } from './terminal.ts';

export interface Step {
  /** What is done: `fetching the base`. */
  readonly phase: string;
  /** Bytes; `total` undefined until it is known. */
  readonly done: number;
  readonly total: number | undefined;
}

const REDRAW_MS = 100;

/** Takes steps as they come. What is no terminal is told the phases that take long, once each. */
export function tellSteps(terminal: Terminal): (step: Step) => void {
  let told = 0;
  return step => {
    const now = performance.now();
    if (!terminal.isTerminal || now - told < REDRAW_MS) return;
    told = now;
    terminal.live(stepLine(step).slice(0, terminal.columns - 1));
  };
}

export function stepLine({ phase, done, total }: Step): string {
  if (total === undefined || total === 0) return done === 0 ? phase : `${phase}  ${sizeText(done)}`;
  return `${phase}  ${barText(Math.min(1, done / total))}  ${sizeText(done)} of ${sizeText(total)}`;
}
