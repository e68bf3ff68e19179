import type { ModelIdentity } from '#spec';
import type { ArmStatus, LocalStatus, ServerState, ServerStatus } from './words.ts';

/** A terminal: its width in characters, and whether it wants colour. */
export interface Terminal {
  readonly columns: number;
  readonly colour: boolean;
}

/** A part of the line. Parts of a higher rank go first when the terminal is narrow; `plain` has its visible width. */
interface Part {
  readonly rank: number;
  readonly plain: string;
  readonly coloured: string;
}

const GAP = '  ';
const LOOKS: Readonly<Record<ServerState, { readonly sign: string; readonly colour: number }>> = {
  starting: { sign: '◌', colour: 33 },
  healthy: { sign: '●', colour: 32 },
  unhealthy: { sign: '✕', colour: 31 },
  restarting: { sign: '↻', colour: 33 },
  stopping: { sign: '○', colour: 2 },
  stopped: { sign: '○', colour: 2 },
};
/** So many servers are shown one by one; more are counted. */
const ONE_BY_ONE = 4;
/** So many versions of one model are named. */
const MOST_VERSIONS = 3;

/**
 * The service in one line: `digits  http://127.0.0.1:8501  grpc://127.0.0.1:8500  stable v1 90% ●  candidate v2 10% ●
 * 1,234 requests  0 failed  310/s`. What does not fit is left out from the least important on, and then cut.
 */
export function statusLine(status: LocalStatus, { columns, colour }: Terminal): string {
  let parts = partsOf(status);
  while (parts.length > 1 && width(parts) > columns) {
    const most = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== most);
  }
  if (width(parts) > columns) return `${plainLine(parts).slice(0, Math.max(0, columns - 1))}…`;
  return colour ? parts.map(part => part.coloured).join(GAP) : plainLine(parts);
}

function partsOf(status: LocalStatus): Part[] {
  const failed = `${grouped(status.failed)} failed`;
  return [
    { rank: 0, plain: status.service, coloured: painted(status.service, 1) },
    plainPart(status.url, 4),
    ...(status.grpc === undefined ? [] : [plainPart(status.grpc, 7)]),
    ...status.arms.map(arm => armPart(arm)),
    ...status.aside.map(({ models, servers }) => serversPart(modelsText(models), servers, 3)),
    plainPart(`${grouped(status.requests)} ${status.requests === 1 ? 'request' : 'requests'}`, 2),
    { rank: 2, plain: failed, coloured: painted(failed, status.failed > 0 ? 31 : 2) },
    ...(status.inFlight > 0 ? [plainPart(`${grouped(status.inFlight)} in flight`, 6)] : []),
    plainPart(`${rateText(status.rate)}/s`, 5),
  ];
}

function armPart({ role, models, weight, servers }: ArmStatus): Part {
  return serversPart(`${role} ${modelsText(models)} ${weight}%`, servers, 1);
}

function serversPart(title: string, servers: readonly ServerStatus[], rank: number): Part {
  const healthy = servers.filter(({ state }) => state === 'healthy').length;
  const signs = servers.length > ONE_BY_ONE ? [worst(servers)] : servers.map(({ state }) => state);
  const many = servers.length > ONE_BY_ONE ? `${healthy}/${servers.length} ` : '';
  const plain = signs.map(state => LOOKS[state].sign).join('');
  const coloured = signs.map(state => painted(LOOKS[state].sign, LOOKS[state].colour)).join('');
  const none = servers.length === 0 ? 'no servers' : '';
  return { rank, plain: `${title} ${many}${plain}${none}`, coloured: `${title} ${many}${coloured}${none}` };
}

function worst(servers: readonly ServerStatus[]): ServerState {
  const order: readonly ServerState[] = ['unhealthy', 'restarting', 'starting', 'stopping', 'healthy'];
  return order.find(state => servers.some(server => server.state === state)) ?? 'stopped';
}

function plainPart(text: string, rank: number): Part {
  return { rank, plain: text, coloured: text };
}

function plainLine(parts: readonly Part[]): string {
  return parts.map(({ plain }) => plain).join(GAP);
}

function width(parts: readonly Part[]): number {
  return plainLine(parts).length;
}

function painted(text: string, code: number): string {
  return `\x1b[${code}m${text}\x1b[0m`;
}

/** One model by its version, several versions of one by them all while they are few, and models by their number. */
export function modelsText(models: readonly ModelIdentity[]): string {
  const names = new Set(models.map(({ name }) => name));
  if (names.size > 1) return `${names.size} models`;
  if (models.length > MOST_VERSIONS) return `${models.length} versions`;
  return models.map(({ version }) => versionText(version)).join('+') || 'nothing';
}

/** `v1` for version 1; what begins with a letter stays as it is. */
function versionText(version: string): string {
  return /^\d/.test(version) ? `v${version}` : version;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function rateText(rate: number): string {
  return rate > 0 && rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate));
}
