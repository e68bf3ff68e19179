/** Asks and loads one server with one request, over and over. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCommand, type Server } from '../../measure/children.ts';
import type { Phase } from '../../measure/open-loop/arrivals.ts';
import { type LoadPlan, type LoadReport, resultSchema } from '../../measure/open-loop/plan.ts';
import { places } from '../places.ts';
import type { Entry } from './contestants.ts';
import type { Plan } from './plan.ts';

/** Below the descriptors that a process may have. */
const CONNECTIONS = 8192;
/** A client waits for so many deadlines, and has then left. */
const PATIENCE = 20;
const START_MS = 120_000;
const REST_MS = 30_000;

const folder = join(places.peers, 'overload');
const program = join(import.meta.dirname, '../../measure/open-loop/main.ts');

export class Loader {
  readonly #entry: Entry;
  readonly #core: number;
  readonly #common: Omit<LoadPlan, 'load'>;
  readonly #plan: Plan;

  /** The generator is a process of its own on `core`. */
  constructor(server: Server, entry: Entry, plan: Plan, core: number) {
    const body = join(folder, 'request');
    mkdirSync(folder, { recursive: true });
    writeFileSync(body, entry.body);
    this.#entry = entry;
    this.#core = core;
    this.#plan = plan;
    this.#common = {
      url: `${server.url}${entry.path}`,
      headers: entry.headers,
      body,
      sign: entry.sign,
      deadlineMs: plan.deadlineMs,
      patienceMs: PATIENCE * plan.deadlineMs,
      connections: CONNECTIONS,
    };
  }

  /** Waits for the first good answer of a server that has just been started. */
  async answered(): Promise<void> {
    await this.#goodAnswers(1, START_MS, Number.POSITIVE_INFINITY);
  }

  /** Waits until it has worked off what an earlier load has left in it. */
  async rested(): Promise<void> {
    await this.#goodAnswers(3, REST_MS, this.#plan.deadlineMs);
  }

  async closed(clients: number, seconds: number): Promise<LoadReport> {
    return this.#run({ kind: 'closed', clients, seconds }, seconds);
  }

  async open(phases: readonly Phase[], recovery: boolean, seed: number): Promise<LoadReport> {
    const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
    const { pattern } = this.#plan;
    return this.#run({ kind: 'open', phases: [...phases], pattern, seed, recovery }, seconds);
  }

  /** So many one after another, each within `eachMs`. Throws when they have not come within `limitMs`. */
  async #goodAnswers(count: number, limitMs: number, eachMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    let last = 'nothing';
    for (let good = 0; good < count; ) {
      const since = performance.now();
      if (since > end) throw new Error(`no good answers within ${limitMs / 1000} s, but ${last}`);
      last = await this.#ask();
      good = last.includes(this.#common.sign) && performance.now() - since < eachMs ? good + 1 : 0;
      if (good === 0) await pause(20);
    }
  }

  async #ask(): Promise<string> {
    const { body, headers } = this.#entry;
    // Without the header of a deadline: the first request of a server that has just started may take longer.
    const { 'x-deadline-ms': _, ...lasting } = headers;
    const signal = AbortSignal.timeout(5000);
    const asked = { method: 'POST', body: new Uint8Array(body), headers: lasting, signal };
    try {
      const answer = await fetch(this.#common.url, asked);
      const text = await answer.text();
      return answer.ok ? text : `status ${answer.status}: ${text.slice(0, 200)}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #run(load: LoadPlan['load'], seconds: number): Promise<LoadReport> {
    const plan = JSON.stringify({ ...this.#common, load } satisfies LoadPlan);
    const node = [process.execPath, '--conditions=source', program, plan];
    const command = { name: 'load generator', argv: ['taskset', '-c', String(this.#core), ...node] as const };
    const limit = seconds * 1000 + this.#common.patienceMs + 20_000;
    return resultSchema.parse(JSON.parse(await runCommand(command, limit)));
  }
}
