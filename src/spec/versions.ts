/** Which of the versions of a model are served, as files and flags say it. */
import { err, ok, type Result } from '#base';
import { counts, LABEL, NOT_A_SET_OF_VERSIONS } from './bounds.ts';

/** One key of the three: so many of the highest, each there is, or just these. */
export interface Versions {
  readonly latest?: number | undefined;
  readonly all?: Readonly<Record<string, never>> | undefined;
  readonly specific?: readonly string[] | undefined;
}

/** `latest:2`, `all` or `1,3`, as a flag has them. */
export function readVersions(text: string): Result<Versions, string> {
  if (text === 'all') return ok({ all: {} });
  const latest = /^latest:(\d{1,9})$/.exec(text)?.[1];
  if (latest !== undefined) return latestOf(Number(latest));
  const specific = text.split(',').map(version => version.trim());
  if (!specific.every(version => LABEL.test(version))) return err(NOT_A_SET_OF_VERSIONS);
  const twice = specific.find((version, at) => specific.indexOf(version) !== at);
  return twice === undefined ? ok({ specific }) : err(`names version ${twice} twice`);
}

function latestOf(latest: number): Result<Versions, string> {
  const { least, most } = counts.latest;
  return latest < least || latest > most ? err(`must be latest:${least} to latest:${most}`) : ok({ latest });
}

/** The same as a flag's text. */
export function versionsText({ latest, specific }: Versions): string {
  if (latest !== undefined) return `latest:${latest}`;
  return specific === undefined ? 'all' : specific.join(',');
}

/** Whether a folder's name is a version, as TensorFlow Serving and Triton number them. */
export function isVersionNumber(name: string): boolean {
  return /^(0|[1-9]\d{0,18})$/.test(name);
}
