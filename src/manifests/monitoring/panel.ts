/** A diagram of a dashboard, and its lines. */
export interface Panel {
  readonly title: string;
  /** As Grafana calls it: `reqps`, `s`, `bytes`, `percentunit`, `short`. */
  readonly unit: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly expr: string;
  /** With labels as `{{label}}`. */
  readonly legend: string;
}

export function legendOf(labels: readonly string[]): string {
  return labels.map(label => `{{${label}}}`).join(' ');
}
