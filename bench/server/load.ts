/** A load, the probe beside it, and ONNX Runtime's own ceiling: the clients of the bench, each a process of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Command, runCommand, type Server } from '../measure/children.ts';
import { CLIENT_CORE, SERVER_CORE } from './cores.ts';
import { encode } from './forms.ts';
import { loadedRow, type Model } from './models.ts';
import { places } from './places.ts';
import { checkSuccesses, successes } from './successes.ts';
import { type Load, loadCommand, readLoad } from './traffic.ts';
import type { LoadResult } from './wrk.ts';

const BEYOND_MS = 60_000;

/** Loads a server, and believes its own count of what succeeded more than the client's. */
export async function load(wanted: Load): Promise<LoadResult> {
  const before = await successes(wanted.server);
  const result = await loadUncounted(wanted);
  checkSuccesses(result, before, await successes(wanted.server));
  return result;
}

/** The same where other requests succeed meanwhile. */
export async function loadUncounted(wanted: Load): Promise<LoadResult> {
  const printed = await runCommand(loadCommand(wanted, CLIENT_CORE), wanted.seconds * 1000 + BEYOND_MS);
  return readLoad(wanted, printed);
}

export interface Probed {
  readonly asked: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const figure = z.number();
const probed = z.object({ asked: figure, failed: figure, p50Ms: figure, p99Ms: figure, maxMs: figure });

/** Asks a path every 20 ms, whatever else the server does. */
export async function probe(server: Server, path: string, seconds: number): Promise<Probed> {
  const argv = node(CLIENT_CORE, 'probe.mjs', `${server.url}${path}`, String(seconds));
  return probed.parse(JSON.parse(await runCommand({ name: 'the probe', argv }, seconds * 1000 + BEYOND_MS)));
}

export interface Ceiling {
  readonly runsPerSecond: number;
  /** What the row of the load is answered with: what every server must answer. */
  readonly answer: readonly number[];
}

const ceilingSchema = z.object({ runsPerSecond: figure, answer: z.array(figure) });

/** How often ONNX Runtime itself runs one row of a model on the server's core. */
export async function ceilingOf(model: Model, seconds: number): Promise<Ceiling> {
  mkdirSync(places.bodies, { recursive: true });
  const row = join(places.bodies, `${model.name}.row`);
  writeFileSync(row, encode('bytes', model, loadedRow(model)).body);
  const { input } = model;
  const about = [model.path, input.name, input.datatype, [1, ...model.row].join('x'), row, String(seconds)];
  const argv = node(SERVER_CORE, 'ceiling.mjs', ...about);
  const command = { name: 'ONNX Runtime in a loop', argv };
  return ceilingSchema.parse(JSON.parse(await runCommand(command, seconds * 1000 + BEYOND_MS)));
}

function node(core: number, script: string, ...args: readonly string[]): Command['argv'] {
  return ['taskset', '-c', `${core}`, process.execPath, join(places.sources, script), ...args];
}
