import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { exists } from '../../../src/local/io/fixtures/service.ts';
import { type Program, root, startProgram } from '../../programs/fairlead.ts';
import type { Place } from '../clients/place.ts';

const REPLICAS = 2;

const STARTS_MS = 30_000;

/** More than its grace. Milliseconds. */
const STOPS_MS = 30_000;

interface Health {
  readonly revisions: readonly { readonly servers: number }[];
}

/** A service of `fairlead up`, with servers of the first version of the digits behind its gateway. */
export class Up {
  readonly replicas = REPLICAS;
  readonly place: Place;
  readonly #program: Program;
  readonly #folder: string;

  static async start(): Promise<Up> {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-soak-up-'));
    const uri = join(root, 'examples', 'digits', 'models', 'digits', '1');
    const spec = { model: { uri, version: '1' }, replicas: REPLICAS };
    const file = join(folder, 'fairlead.yaml');
    writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
    const up = new Up(await startProgram(['up', file]), folder);
    await up.#allReady();
    return up;
  }

  private constructor(program: Program, folder: string) {
    this.#program = program;
    this.#folder = folder;
    const grpc = / serves at \S+ and grpc:\/\/(\S+?:\d+)/.exec(program.stderr())?.[1] ?? '';
    this.place = { http: program.url, grpc };
  }

  get pid(): number {
    return this.#program.child.pid ?? 0;
  }

  get ended(): boolean {
    const { exitCode, signalCode } = this.#program.child;
    return exitCode !== null || signalCode !== null;
  }

  /** What it has said. */
  get stderr(): string {
    return this.#program.stderr();
  }

  /** Servers that have become ready, whatever became of them. */
  get started(): number {
    return this.#pids().length;
  }

  /** The processes that live. */
  servers(): number[] {
    return this.#pids().filter(exists);
  }

  /** How many the gateway sends requests to. */
  async healthy(): Promise<number> {
    const response = await fetch(`${this.place.http}/health`);
    const { revisions } = (await response.json()) as Health;
    return revisions.reduce((sum, { servers }) => sum + servers, 0);
  }

  /** Without waiting for it; its servers end with it. */
  kill(): void {
    this.#program.child.kill('SIGKILL');
  }

  /** Gives its exit code. */
  async stop(): Promise<string> {
    const timer = globalThis.setTimeout(() => this.#program.child.kill('SIGKILL'), STOPS_MS);
    const code = await this.#program.stop();
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
    return String(code);
  }

  async #allReady(): Promise<void> {
    const since = performance.now();
    while (this.started < REPLICAS) {
      if (performance.now() - since > STARTS_MS) throw new Error(`up did not start: ${this.stderr}`);
      await setTimeout(50);
    }
  }

  #pids(): number[] {
    return [...this.stderr.matchAll(/ is ready at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
  }
}
