import type { Border } from '../border.ts';
import { readCorpus } from '../corpus.ts';
import type { Finding, Input } from '../finding.ts';
import { Fuzzer, type Made } from '../fuzzer.ts';
import type { Result } from '../pure/messages.ts';
import { takeOnce } from '../pure/taking.ts';
import { goodFault } from './good.ts';
import { grpcBorder } from './grpc.ts';
import { h2Border } from './h2.ts';
import { httpBorder } from './http.ts';
import { type FuzzServer, served, startServer } from './server.ts';
import { type Memory, Watch } from './watch.ts';

export const wireNames: readonly string[] = ['http', 'h2', 'grpc'];

/** Inputs at once. */
const CONCURRENCY = 16;

/** Inputs between two good requests. */
const GOOD_EVERY = 50;

/** What was just over when something is seen may be what did it. */
const REMEMBERED = 48;

const MOST_FINDINGS = 5;

export interface WireOutcome {
  readonly findings: readonly Finding[];
  readonly results: readonly Result[];
  readonly memory: Memory;
}

export interface WireJob {
  readonly borders: readonly string[];
  readonly seed: number;
  readonly ms: number;
}

/** Fuzzes a real server over its sockets, for some time. */
export async function fuzzWire(job: WireJob, onFinding: (finding: Finding) => void): Promise<WireOutcome> {
  const server = await startServer();
  const run = new WireRun(server, job, onFinding);
  const memory = await run.run();
  const code = await server.stop();
  if (code !== 0) run.found(`the server ended with ${code} when it was told to stop`);
  return { findings: run.findings, results: run.results, memory };
}

/** The borders of a server that runs. */
export function wireBorders({ httpPort, grpcPort }: FuzzServer): readonly (Border & { close?(): void })[] {
  return [httpBorder(httpPort, served), h2Border(grpcPort, served), grpcBorder(grpcPort, served)];
}

class WireRun {
  readonly findings: Finding[] = [];
  readonly #server: FuzzServer;
  readonly #job: WireJob;
  readonly #onFinding: (finding: Finding) => void;
  readonly #borders: readonly (Border & { close?(): void })[];
  readonly #fuzzers: readonly Fuzzer[];
  readonly #underway = new Set<Input>();
  /** The latest at the end. */
  readonly #over: Input[] = [];
  #count = 0;
  #end = 0;
  /** The server is at fault, or gone: what else goes wrong goes wrong for that. */
  #isBroken = false;

  constructor(server: FuzzServer, job: WireJob, onFinding: (finding: Finding) => void) {
    this.#server = server;
    this.#job = job;
    this.#onFinding = onFinding;
    this.#borders = wireBorders(server).filter(({ name }) => job.borders.includes(name));
    this.#fuzzers = this.#borders.map(border => new Fuzzer(border, readCorpus(border.name), job.seed));
  }

  get results(): readonly Result[] {
    const { ms } = this.#job;
    return this.#fuzzers.map(({ border, tally, finds }) => ({ border: border.name, tally, ms, finds }));
  }

  async run(): Promise<Memory> {
    const watch = new Watch(this.#server, problem => this.found(problem));
    await this.#takeCorpus();
    this.#end = performance.now() + this.#job.ms;
    await Promise.all(Array.from({ length: CONCURRENCY }, (_, index) => this.#client(index)));
    await this.#checkGood();
    for (const border of this.#borders) border.close?.();
    return watch.stop();
  }

  /** Something is wrong with the server: any input of the last may have done it. */
  found(problem: string): void {
    if (!this.#isBroken) this.#tell([...this.#over, ...this.#underway], problem);
    this.#isBroken = true;
  }

  get #isOver(): boolean {
    return this.#isBroken || performance.now() > this.#end || this.findings.length >= MOST_FINDINGS;
  }

  async #client(index: number): Promise<void> {
    for (let turn = index; !this.#isOver; turn++) {
      const fuzzer = this.#fuzzers[turn % this.#fuzzers.length];
      if (fuzzer !== undefined) await this.#take(fuzzer);
      if (++this.#count % GOOD_EVERY === 0) await this.#checkGood();
    }
  }

  /** What was kept comes first, so that what leads to the same is nothing new. */
  async #takeCorpus(): Promise<void> {
    const kept = this.#fuzzers.flatMap(fuzzer =>
      readCorpus(fuzzer.border.name).map(one => ({ fuzzer, made: { round: -1, one } })),
    );
    const takeNext = async (): Promise<void> => {
      for (let next = kept.pop(); next !== undefined && !this.#isBroken; next = kept.pop()) {
        const taken = await this.#taken(next.fuzzer, next.made);
        if (taken !== undefined) next.fuzzer.known(taken.words);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, takeNext));
  }

  async #take(fuzzer: Fuzzer): Promise<void> {
    const made = fuzzer.next();
    const taken = await this.#taken(fuzzer, made);
    if (taken !== undefined) fuzzer.learn(made, taken.words, taken.ms);
  }

  /** Undefined when a promise was broken. */
  async #taken(fuzzer: Fuzzer, made: Made): Promise<{ words: string; ms: number } | undefined> {
    const input = { border: fuzzer.border.name, ...made };
    this.#underway.add(input);
    const { words, problem, ms } = await takeOnce(fuzzer.border, made.one);
    this.#underway.delete(input);
    this.#over.push(input);
    if (this.#over.length > REMEMBERED) this.#over.shift();
    if (words !== undefined) return { words, ms };
    if (!this.#isBroken) this.#tell([input], problem ?? '');
    return undefined;
  }

  async #checkGood(): Promise<void> {
    if (this.#isBroken) return;
    const fault = await goodFault(this.#server.httpPort, this.#server.grpcPort);
    if (fault !== undefined) this.found(fault);
  }

  #tell(inputs: readonly Input[], problem: string): void {
    if (this.findings.length >= MOST_FINDINGS) return;
    const finding = { inputs, problem };
    this.findings.push(finding);
    this.#onFinding(finding);
  }
}
