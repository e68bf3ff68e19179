/** One server with many models under a memory budget, asked for all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { positionsOf, writeModels } from './models.ts';
import { peakBytes, startSubject } from './start-subject.ts';
import { type Asked, Asking, byZipf, chanceOf, evenly, type Outcome } from './traffic.ts';

export interface TrialOptions {
  readonly models: number;
  /** Bytes of each model. */
  readonly size: number;
  /** Bytes of resident memory that the server may hold; undefined for no bound, and all models loaded at the start. */
  readonly budget: number | undefined;
  /** Of each kind of traffic. */
  readonly requests: number;
  readonly clients: number;
  readonly seed: number;
}

export interface Phase {
  readonly title: string;
  readonly outcomes: readonly Outcome[];
  readonly seconds: number;
  /** Most that the server held so far, in bytes. */
  readonly peak: number;
  /** Models it had loaded at the end. */
  readonly loaded: number;
}

/** Answers come in, for one phase after the other. Throws when the server does not start. */
export async function runTrial(options: TrialOptions): Promise<readonly Phase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-many-'));
  try {
    const models = writeModels(folder, options.models, options.size);
    const { budget } = options;
    const subject = await startSubject(folder, { models, ...(budget !== undefined && { budget }) });
    try {
      return await phases(options, subject.http, subject.pid);
    } finally {
      await subject.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function phases(options: TrialOptions, url: string, pid: number): Promise<readonly Phase[]> {
  const { models, requests, clients, seed } = options;
  const chance = chanceOf(seed);
  const asking = new Asking(url, clients);
  const position = (): number => Math.floor(chance() * positionsOf(options.size));
  const questions = (count: number, pick: () => number): Asked[] =>
    Array.from({ length: count }, () => ({ model: pick(), position: position() }));
  const run = async (title: string, asked: readonly Asked[], width: number): Promise<Phase> => {
    const since = performance.now();
    const outcomes = await askAll(asking, asked, width);
    const seconds = (performance.now() - since) / 1000;
    return { title, outcomes, seconds, peak: peakBytes(pid), loaded: (await index(asking, 'READY')).length };
  };
  const coldOnes = async (): Promise<Asked[]> =>
    (await index(asking, 'UNAVAILABLE')).map(model => ({ model, position: position() }));
  try {
    const each = Array.from({ length: models }, (_, model) => ({ model, position: position() }));
    return [
      await run('each model once, one after the other', each, 1),
      await run(`random, ${clients} clients`, questions(requests, evenly(models, chance)), clients),
      await run(`Zipf, ${clients} clients`, questions(requests, byZipf(models, chance)), clients),
      await run('those not loaded, one after the other', await coldOnes(), 1),
    ];
  } finally {
    asking.close();
  }
}

async function askAll(asking: Asking, asked: readonly Asked[], width: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let one = asked[next++]; one !== undefined; one = asked[next++])
      outcomes.push(await asking.ask(one));
  };
  await Promise.all(Array.from({ length: width }, client));
  return outcomes;
}

/** The models that are in a state. */
async function index(asking: Asking, state: string): Promise<number[]> {
  const { text } = await asking.post('/v2/repository/index', '');
  const entries = JSON.parse(text) as { name: string; state: string }[];
  return entries.filter(one => one.state === state).map(one => Number(one.name.slice(1)));
}
