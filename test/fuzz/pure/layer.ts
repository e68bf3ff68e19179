import { Worker } from 'node:worker_threads';
import type { Finding } from '../finding.ts';
import { Beat } from './beat.ts';
import type { Job, Result, Told } from './messages.ts';

/** So long on one input, and it is taken to have no end. Milliseconds. */
const HANGS_MS = 15_000;

export interface Outcome {
  readonly findings: readonly Finding[];
  /** None when a border did not come to an end. */
  readonly results: readonly Result[];
}

/** Fuzzes borders in this process, for some time; each thing that is found is told at once. */
export async function fuzzPure(
  job: Omit<Job, 'memory'>,
  onFinding: (finding: Finding) => void,
): Promise<Outcome> {
  const beat = new Beat();
  const findings: Finding[] = [];
  const note = ({ problem, inputs }: Finding): void => {
    // Between threads a buffer becomes plain bytes.
    const own = inputs.map(({ one, ...from }) => ({ ...from, one: { ...one, body: Buffer.from(one.body) } }));
    const finding = { problem, inputs: own };
    findings.push(finding);
    onFinding(finding);
  };
  const workerData: Job = { ...job, memory: beat.memory };
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  const { promise, resolve, reject } = Promise.withResolvers<readonly Result[]>();
  worker.on('message', (told: Told) =>
    told.kind === 'results' ? resolve(told.results) : note(told.finding),
  );
  worker.on('error', reject);
  const timer = watch(beat, finding => {
    note(finding);
    resolve([]);
  });
  try {
    return { findings, results: await promise };
  } finally {
    clearInterval(timer);
    await worker.terminate();
  }
}

/** Tells of an input that has been at it for too long. */
function watch(beat: Beat, hangs: (finding: Finding) => void): NodeJS.Timeout {
  let count = -1;
  let since = performance.now();
  return setInterval(() => {
    const now = performance.now();
    if (beat.count !== count) {
      count = beat.count;
      since = now;
    } else if (now - since > HANGS_MS && count > 0) {
      hangs({ inputs: [beat.current()], problem: `it had not ended after ${HANGS_MS / 1000} s` });
      since = Number.POSITIVE_INFINITY;
    }
  }, 500);
}
