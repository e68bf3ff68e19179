/** The heavier models: how near a server comes to ONNX Runtime itself, and what else it can do meanwhile. */
import { spreadOf } from '../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../measure/table.ts';
import type { Contestant } from './contestant.ts';
import type { HeavySample, MixedSample } from './samples.ts';

/** A row a server; a server without samples has none. */
export function renderHeavy(contestants: readonly Contestant[], samples: readonly HeavySample[]): string {
  const connections = [...new Set(samples.map(sample => sample.connections))].toSorted((a, b) => a - b);
  const header = ['server', ...connections.flatMap(headerOf), 'errors'];
  const rows = named(contestants, samples).map(([name, own]) => [
    name,
    ...connections.flatMap(each => cellsOf(own.filter(sample => sample.connections === each))),
    String(own.reduce((sum, sample) => sum + sample.errors, 0)),
  ]);
  const ceiling = formatSpread(spreadOf(samples.map(sample => sample.ceiling)));
  return `${renderTable(header, rows)}\n\nONNX Runtime in a loop on the same core: ${ceiling} runs/s.`;
}

function headerOf(connections: number): readonly string[] {
  const at = `c=${connections}`;
  return [`requests/s, ${at}`, 'of ONNX Runtime', 'p99 ms', 'health p99 ms'];
}

function cellsOf(samples: readonly HeavySample[]): readonly string[] {
  const medianOf = (pick: (sample: HeavySample) => number): number =>
    samples.length === 0 ? Number.NaN : spreadOf(samples.map(pick)).median;
  const failed = samples.reduce((sum, { live }) => sum + live.failed, 0);
  const health = formatFigure(medianOf(({ live }) => live.p99Ms));
  return [
    samples.length === 0 ? '–' : formatSpread(spreadOf(samples.map(each => each.requestsPerSecond))),
    percent(medianOf(each => each.requestsPerSecond / each.ceiling)),
    formatFigure(medianOf(({ p99Ms }) => p99Ms)),
    failed === 0 ? health : `${health}, ${failed} failed`,
  ];
}

/** The MLP's figures beside its neighbour's load and without it. */
export function renderMixed(contestants: readonly Contestant[], samples: readonly MixedSample[]): string {
  const header = [
    'server',
    'MLP alone, requests/s',
    'p99 ms',
    'beside the CNN, requests/s',
    'p99 ms',
    "the CNN's requests/s",
    'errors',
  ];
  const rows = named(contestants, samples).map(([name, own]) => {
    const medianOf = (pick: (sample: MixedSample) => number): string =>
      formatFigure(spreadOf(own.map(pick)).median);
    return [
      name,
      medianOf(({ alone }) => alone.requestsPerSecond),
      medianOf(({ alone }) => alone.p99Ms),
      medianOf(({ beside }) => beside.requestsPerSecond),
      medianOf(({ beside }) => beside.p99Ms),
      medianOf(({ cnn }) => cnn.requestsPerSecond),
      String(own.reduce((sum, each) => sum + each.alone.errors + each.beside.errors + each.cnn.errors, 0)),
    ];
  });
  return `${renderTable(header, rows)}\n\nThe MLP with 8 connections, the CNN with 4.`;
}

function named<S extends { readonly server: string }>(
  contestants: readonly Contestant[],
  samples: readonly S[],
): readonly (readonly [string, readonly S[]])[] {
  return contestants
    .map(({ name }) => [name, samples.filter(({ server }) => server === name)] as const)
    .filter(([, own]) => own.length > 0);
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–';
}
