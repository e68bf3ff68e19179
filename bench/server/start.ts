/** Starting a contestant and knowing that it answers, rightly, and that nothing of it is left afterwards. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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

const READY_WITHIN_MS = 90_000;

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
    throw new Error(`${messageOf(error)}; its log ends:\n${readFileSync(log, 'utf8').slice(-1_000)}`);
  }
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
      await pause(2);
    }
  }
  throw new Error(`${target.model.name} was not answered (${last})`);
}

/** Workers that a server started in groups of their own do not outlive it. */
async function stopAll(server: Server): Promise<void> {
  const family = familyPids(server.pid);
  await server.stop();
  for (const pid of family) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
