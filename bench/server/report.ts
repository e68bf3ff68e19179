/** Samples in, Markdown out: figures, ratios, what failed and under what conditions. */

import type { Contestant } from './contestant.ts';
import { CLIENT_CORE, SERVER_CORE } from './cores.ts';
import { renderHeavy, renderMixed } from './heavy-report.ts';
import { renderMlp } from './mlp-report.ts';
import type { Plan } from './plan.ts';
import type { Failure, Findings } from './rounds.ts';

export interface Report extends Findings {
  /** In the order of the rows. */
  readonly contestants: readonly Contestant[];
  readonly plan: Plan;
  readonly versions: readonly string[];
}

/** Everything that was measured, under a heading each, then what was not, and why. */
export function renderReport({ contestants, samples, failures, plan, versions }: Report): string {
  const { mlp, heavy, mixed } = samples;
  const of = (model: string): readonly string[] => {
    const own = heavy.filter(sample => sample.model === model);
    return own.length === 0 ? [] : [renderHeavy(contestants, own)];
  };
  return [
    ...section('The digits MLP', mlp.length === 0 ? [] : [renderMlp(contestants, mlp)]),
    ...section('A convolutional network', of('cnn')),
    ...section('A text encoder', of('bert')),
    ...section('Both in one server', mixed.length === 0 ? [] : [renderMixed(contestants, mixed)]),
    ...section('Not measured', failures.length === 0 ? [] : [failures.map(line).join('\n')]),
    footnote(plan),
    versions.join(' · '),
  ].join('\n\n');
}

function section(title: string, content: readonly string[]): readonly string[] {
  return content.length === 0 ? [] : [`### ${title}`, ...content];
}

function line({ server, suite, why }: Failure): string {
  return `- ${server} (${suite}): ${why.replaceAll(/\s+/g, ' ').slice(0, 600)}`;
}

function footnote({ rounds, seconds, warmUpSeconds, heavy }: Plan): string {
  return (
    `Medians of ${counted(rounds)} of ${seconds} s (min–max) after ${warmUpSeconds} s of warm-up for the MLP, ` +
    `of ${counted(heavy.rounds)} of ${heavy.seconds} s for the others; the servers take turns, each a fresh process. ` +
    `Server and all its processes on core ${SERVER_CORE}, its clients on core ${CLIENT_CORE}: wrk -t1, h2load for gRPC ` +
    'over at most 4 connections. One row a request; ONNX Runtime with one thread in all but FastAPI + PyTorch. The image ' +
    'goes as bytes: in the binary tensors of V2, to MLServer and LitServe as base64, to the others plain. Triton is the `tritonserver` of ' +
    "pytriton's wheel, which has only the Python backend; ONNX Runtime runs within that, not in Triton's own C++ backend."
  );
}

function counted(rounds: number): string {
  return rounds === 1 ? 'one round' : `${rounds} rounds`;
}
