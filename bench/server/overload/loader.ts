/** Asks and loads one server with one request, over and over. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCommand } from '../../measure/children.ts';
import type { Phase } from '../../measure/open-loop/arrivals.ts';
import { type LoadPlan, type LoadReport, resultSchema } from '../../measure/open-loop/plan.ts';
import { encode } from '../forms.ts';
import { loadedRow } from '../models.ts';
import { places } from '../places.ts';
import type { Target } from '../traffic.ts';
import type { Plan } from './plan.ts';

/** Below the descriptors that a process may have. */
const CONNECTIONS = 8192;
/** A client waits for so many deadlines, and has then left. */
const PATIENCE = 20;
const REST_MS = 30_000;
const ANSWER_MS = 5_000;

const folder = join(places.peers, 'overload');
const program = join(import.meta.dirname, '../../measure/open-loop/main.ts');

export class Loader {
  readonly #ask: RequestInit;
  readonly #core: number;
  readonly #common: Omit<LoadPlan, 'load'>;
  readonly #plan: Plan;

  /** The generator is a process of its own on `core`, and sends `more` headers than the request needs. */
  constructor(
    { server, door, model }: Target,
    more: Readonly<Record<string, string>>,
    plan: Plan,
    core: number,
  ) {
    const { body, headers } = encode(door.form, model, loadedRow(model));
    const file = join(folder, 'request');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, body);
    this.#core = core;
    this.#plan = plan;
    this.#ask = { method: 'POST', body: new Uint8Array(body), headers };
    this.#common = {
      url: `${server.url}${door.path}`,
      headers: { ...headers, ...more },
      body: file,
      sign: door.form === 'rows' || door.form === 'bytes' ? '[[' : '"outputs"',
      deadlineMs: plan.deadlineMs,
      patienceMs: PATIENCE * plan.deadlineMs,
      connections: CONNECTIONS,
    };
  }

  /**
   * Waits until it has worked off what an earlier load has left in it, and answers three times in time, one after another.
   * Throws when it does not.
   */
  async rested(): Promise<void> {
    const end = performance.now() + REST_MS;
    for (let quick = 0; quick < 3; ) {
      const since = performance.now();
      if (since > end) throw new Error(`it was not quick again ${REST_MS / 1000} s after a load`);
      quick = (await this.#isAnswered()) && performance.now() - since < this.#plan.deadlineMs ? quick + 1 : 0;
      if (quick === 0) await pause(20);
    }
  }

  async closed(clients: number, seconds: number): Promise<LoadReport> {
    return this.#run({ kind: 'closed', clients, seconds }, seconds);
  }

  async open(phases: readonly Phase[], recovery: boolean, seed: number): Promise<LoadReport> {
    const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
    const { pattern } = this.#plan;
    return this.#run({ kind: 'open', phases: [...phases], pattern, seed, recovery }, seconds);
  }

  async #isAnswered(): Promise<boolean> {
    try {
      const answer = await fetch(this.#common.url, { ...this.#ask, signal: AbortSignal.timeout(ANSWER_MS) });
      return answer.ok && (await answer.text()).includes(this.#common.sign);
    } catch {
      return false;
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
