/** Fuzzes in a thread of its own, so that an input on which it never ends can be told. */
import { parentPort, workerData } from 'node:worker_threads';
import { borders } from '../borders/index.ts';
import type { Case } from '../case.ts';
import { readCorpus } from '../corpus.ts';
import { Fuzzer, type Made } from '../fuzzer.ts';
import { Beat } from './beat.ts';
import type { Job, Told } from './messages.ts';
import { take } from './taking.ts';

/** Borders take turns of so many milliseconds. */
const TURN_MS = 100;

/** Of one border; then there is enough to mend. */
const MOST_FINDINGS = 3;

class Turn {
  readonly fuzzer: Fuzzer;
  readonly #beat: Beat;
  ms = 0;
  #problems = new Set<string>();

  constructor(fuzzer: Fuzzer, beat: Beat) {
    this.fuzzer = fuzzer;
    this.#beat = beat;
  }

  get isDone(): boolean {
    return this.#problems.size >= MOST_FINDINGS;
  }

  async run(ms: number): Promise<void> {
    const start = performance.now();
    let passed = 0;
    for (; passed < ms && !this.isDone; passed = performance.now() - start) {
      await this.#take(this.fuzzer.next());
    }
    this.ms += passed;
  }

  async #take(made: Made): Promise<void> {
    const { border } = this.fuzzer;
    const { round, one } = made;
    this.#beat.begin(border.name, round, one);
    const { words, problem, ms } = await take(border, one);
    this.fuzzer.learn(made, words ?? 'fault', ms);
    if (problem !== undefined) this.#tell(round, one, problem);
  }

  /** Each fault once: what differs in numbers only is the same. */
  #tell(round: number, one: Case, problem: string): void {
    const kind = problem.replaceAll(/\d+/g, '').slice(0, 300);
    if (this.#problems.has(kind)) return;
    this.#problems.add(kind);
    const input = { border: this.fuzzer.border.name, round, one };
    tell({ kind: 'finding', finding: { problem, inputs: [input] } });
  }
}

function tell(told: Told): void {
  parentPort?.postMessage(told, []);
}

async function main({ borders: wanted, seed, ms, memory }: Job): Promise<void> {
  const beat = new Beat(memory);
  const turns: Turn[] = [];
  for (const border of borders.filter(({ name }) => wanted.includes(name))) {
    const corpus = readCorpus(border.name);
    const fuzzer = new Fuzzer(border, corpus, seed);
    for (const one of corpus) {
      beat.begin(border.name, -1, one);
      fuzzer.known((await take(border, one)).words ?? 'fault');
    }
    turns.push(new Turn(fuzzer, beat));
  }
  const end = performance.now() + ms;
  while (performance.now() < end && turns.some(turn => !turn.isDone))
    for (const turn of turns) await turn.run(Math.min(TURN_MS, ms / turns.length));
  const results = turns.map(turn => ({
    border: turn.fuzzer.border.name,
    tally: turn.fuzzer.tally,
    ms: turn.ms,
    finds: turn.fuzzer.finds,
  }));
  tell({ kind: 'results', results });
}

await main(workerData as Job);
