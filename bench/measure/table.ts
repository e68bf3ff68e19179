/** Markdown tables and figures for people: ready to paste into a README. */
import type { Spread } from './statistics.ts';

/** The first column is text, the others are figures and align right. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? '---' : '--:'));
  return [header, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three significant digits, whole numbers from 100 on with thousands set apart. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 99.95) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3).replace(/\.?0+$/, '');
}

/** `median (min–max)`. */
export function formatSpread(spread: Spread): string {
  const { median, min, max } = spread;
  return `${formatFigure(median)} (${formatFigure(min)}–${formatFigure(max)})`;
}
