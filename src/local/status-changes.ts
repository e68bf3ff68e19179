import { modelsText } from './status-line.ts';
import type { LocalStatus, ServerStatus } from './words.ts';

/** What changed from one status to the next, a line for each change: for logs and pipes, where no line can be redrawn. */
export function statusChanges(before: LocalStatus | undefined, now: LocalStatus): string[] {
  const was = new Map(before === undefined ? [] : serversOf(before).map(one => [one.key, one]));
  const servers = serversOf(now).flatMap(one => serverChange(was.get(one.key)?.server, one));
  const is = new Set(serversOf(now).map(({ key }) => key));
  const gone = [...was.values()]
    .filter(({ key, server }) => !is.has(key) && server.state !== 'stopped')
    .map(({ name }) => `${name} has stopped`);
  const split = splitText(now);
  const moved = before !== undefined && splitText(before) !== split ? [`traffic: ${split}`] : [];
  const state = before?.state === now.state ? [] : stateLine(now);
  return [...servers, ...gone, ...moved, ...state];
}

interface Named {
  readonly key: string;
  readonly name: string;
  readonly server: ServerStatus;
}

function serversOf({ arms, aside }: LocalStatus): Named[] {
  return [...arms, ...aside].flatMap(({ revision, models, servers }) =>
    servers.map(server => ({
      key: `${revision}/${server.id}`,
      name: `${modelsText(models)} (${revision}) server ${server.id}`,
      server,
    })),
  );
}

function serverChange(was: ServerStatus | undefined, { name, server }: Named): string[] {
  if (was?.state === server.state) return [];
  const pid = server.pid === undefined ? '' : `, process ${server.pid}`;
  switch (server.state) {
    case 'healthy':
      return [`${name} is ready at ${server.url ?? 'its address'}${pid}`];
    case 'unhealthy':
      return [`${name} does not answer as ready and is out of rotation${pid}`];
    case 'restarting':
      return [`${name} ended and is being restarted`];
    case 'stopping':
      return [`${name} is draining`];
    case 'starting':
      return [`${name} is starting`];
    case 'stopped':
      return [`${name} has stopped`];
    default:
      return server.state satisfies never;
  }
}

function splitText({ arms }: LocalStatus): string {
  return arms.map(({ role, models, weight }) => `${role} ${modelsText(models)} ${weight}%`).join(', ');
}

function addresses({ url, grpc }: LocalStatus): string {
  return grpc === undefined ? url : `${url} and ${grpc}`;
}

function stateLine(now: LocalStatus): string[] {
  switch (now.state) {
    case 'serving':
      return [`${now.service} serves at ${addresses(now)}: ${splitText(now)}`];
    case 'degraded':
      return [`${now.service} is degraded: a revision has no server that is ready`];
    case 'stopping':
      return [`${now.service} is stopping`];
    default:
      return [];
  }
}
