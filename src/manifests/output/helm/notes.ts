import type { ChartOptions } from './helm-chart.ts';

/** What Helm says once it has installed the chart. */
export function notes({ name, arms }: Pick<ChartOptions, 'name' | 'arms'>): string {
  const waits = arms.map(({ revision }) => `  kubectl rollout status deployment -l version=${revision}\n`);
  const split = arms.some(({ role }) => role === 'candidate')
    ? `The candidate's share of requests:\n  helm upgrade {{ .Release.Name }} CHART --reuse-values --set candidate.weight=50\n`
    : '';
  return `${name} is installed. It is there once this ends:\n${waits.join('')}${split}`;
}
