/** Starting a contestant and knowing that it answers, rightly, and that nothing of it is left afterwards. */
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '#base';
import { type Command, type Server, startServer } from '../measure/children.ts';
import { familyPids } from '../measure/usage.ts';
import { type Expected, faultOf } from './answers.ts';
import type { Contestant } from './contestant.ts';
import { loadedRow, type Model } from './models.ts';
import { places } from './places.ts';
import { ask, type Target } from './traffic.ts';

const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 5_000;
const LOG_BYTES = 64 * 1024;

/** Starts it, pinned to a core when one is given, and waits until it answers for every model. */
export async function start(
  contestant: Contestant,
  models: readonly Model[],
  core?: number,
): Promise<Server> {
  const log = join(places.logs, `${contestant.name.replaceAll(/\W+/g, '-')}.log`);
  const started = await startServer(onCore(await commandOf(contestant, models), core), log);
  const server = { ...started, name: contestant.name, stop: () => stopAll(started) };
  try {
    for (const model of models) await untilAnswered(targetOf(contestant, server, model));
    return server;
  } catch (error) {
    await server.stop();
    throw new Error(`${messageOf(error)}; its log says:\n${causeIn(endOf(log))}`, { cause: error });
  }
}

function endOf(log: string): string {
  const file = openSync(log, 'r');
  try {
    const bytes = Buffer.alloc(LOG_BYTES);
    const from = Math.max(0, fstatSync(file).size - LOG_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, LOG_BYTES, from));
  } finally {
    closeSync(file);
  }
}

/** What of a log is likely to be the cause: the last lines that name an error, else the end. */
export function causeIn(log: string): string {
  const lines = log.split('\n').filter(line => /error|fail|not found|exception/i.test(line));
  const told = lines.length > 0 ? lines.slice(-3) : log.trim().split('\n').slice(-3);
  return told.map(line => line.trim().slice(0, 300)).join('\n');
}

/** Where a server answers for a model. Throws when it is not asked for that. */
export function targetOf(contestant: Contestant, server: Server, model: Model): Target {
  const door = contestant.door(model);
  if (door === undefined) throw new Error(`${contestant.name} is not asked for ${model.name}`);
  return { server, door, model };
}

/** Throws unless every row is answered as it must be. */
export async function checkAnswers(target: Target, expected: readonly Expected[]): Promise<void> {
  for (const each of expected) {
    const fault = faultOf(await ask(target, each.row), each);
    if (fault !== undefined) throw new Error(`answers wrongly for ${target.model.name}: ${fault}`);
  }
}

/** The command with a free port in it; a server that is told its port is known by that. */
export async function commandOf(contestant: Contestant, models: readonly Model[]): Promise<Command> {
  const argv = contestant.command(models);
  if (!argv.includes('{port}')) return { name: contestant.name, argv };
  const port = String(await freePort());
  const told = argv.map(each => (each === '{port}' ? port : each));
  // Its own output goes to the log.
  return { name: contestant.name, argv: ['sh', '-c', SAY_URL, `http://127.0.0.1:${port}`, ...told] };
}

const SAY_URL = 'echo "$0"; exec "$@" >&2';

function onCore(command: Command, core: number | undefined): Command {
  return core === undefined ? command : { ...command, argv: ['taskset', '-c', `${core}`, ...command.argv] };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function untilAnswered(target: Target): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  let last = '';
  while (performance.now() < end && isAlive(target.server.pid)) {
    try {
      await ask(target, loadedRow(target.model));
      return;
    } catch (error) {
      last = messageOf(error);
      // What refuses a connection is asked again at once, what answers that it is not ready later.
      await pause(last.startsWith('status') ? 100 : 2);
    }
  }
  throw new Error(`${target.model.name} was not answered (${last})`);
}

/** Neither the workers that a server started in groups of their own nor its folder outlive it. */
async function stopAll(server: Server): Promise<void> {
  const family = familyPids(server.pid);
  await server.stop();
  const end = performance.now() + STOP_WITHIN_MS;
  while (performance.now() < end && family.some(isAlive)) await pause(20);
  for (const pid of family) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(join(places.run, new URL(server.url).port), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
