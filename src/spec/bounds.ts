/**
 * What values may be, wherever they are written: in a file, or in a flag that says the same. A problem is worded to
 * follow the name of what has it.
 */
import { err, ok, parseBytes, parseDuration, type Result } from '#base';

/** Whole numbers. */
export const counts = {
  threads: { least: 1, most: 256 },
  instances: { least: 1, most: 256 },
  maxRows: { least: 1, most: 4096 },
  inFlight: { least: 1, most: 65_536 },
  queueRows: { least: 1, most: 1_000_000 },
  priorities: { least: 1, most: 100 },
  share: { least: 1, most: 1000 },
  latest: { least: 1, most: 1000 },
  port: { least: 1, most: 65_535 },
  files: { least: 1, most: 100 },
  pods: { least: 1, most: 1000 },
  gateways: { least: 1, most: 100 },
  gpus: { least: 1, most: 64 },
  shares: { least: 2, most: 48 },
} as const;

/** The shortest durations, in milliseconds: no request arrives in no time, and no answer is written in none. */
export const shortest = {
  requestTime: 1,
  deadline: 1,
  maxDelay: 0,
  delay: 0,
  grace: 1000,
  poll: 100,
  maxAge: 0,
  slow: 1,
  window: 0,
  scrape: 1000,
  startup: 1000,
} as const;

/** Bytes. A request body is held in memory as one piece; what many share may have more. */
export const largest = { body: 2 * 1024 ** 3, memory: 1024 ** 4, record: 16 * 1024 ** 2 } as const;

/** How much is logged: this and all after it. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** How an event travels: with its attributes in the body, or in headers. */
export const eventForms = ['structured', 'binary'] as const;

/** Where a model may run: on the event loop, in threads beside it, or where a measurement says. */
export const places = ['auto', 'inline', 'threads'] as const;

/** ONNX Runtime's execution providers. */
export const providers = ['cpu', 'cuda', 'tensorrt', 'openvino', 'coreml'] as const;

export const NOT_A_DURATION = 'must be a duration such as 500ms, 2s or 5m';
export const NOT_A_SIZE = 'must be a size such as 64Mi, 1G or 4096';
export const NOT_A_LABEL = 'must be at most 63 letters, digits, dots and dashes';
export const NOT_A_SET_OF_VERSIONS = "must be latest:N, all, or versions with commas between, such as '1,3'";

/** Names and versions of models: what a path can carry as it stands. */
export const LABEL = /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;

/** A class of Python and its module. */
export const CLASS = /^[A-Za-z_][\w.]*:[A-Za-z_]\w*$/;
export const NOT_A_CLASS = 'must be MODULE:CLASS';

/** RFC 9110, 5.6.2. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

/** What is wrong with an origin, as browsers write them: scheme, host, and a port that is not the scheme's own. */
export function originProblem(text: string): string | undefined {
  if (text === '*') return undefined;
  const url = URL.parse(text);
  const { protocol, host = '' } = url ?? {};
  if (url === null || host === '') return "must be an origin such as https://app.example, or '*'";
  if (host.includes('*')) return 'must be one origin: patterns are not known';
  const origin = `${protocol}//${host}`;
  return origin === text ? undefined : `must be written as browsers do: ${origin}`;
}

/** Timers count milliseconds in 32 bits, and a longer one fires at once; nothing here is meant to take a day. */
const MOST_MILLISECONDS = 24 * 3_600_000;

/** A duration in whole milliseconds, as timers count them. */
export function readDuration(text: string, least = 0): Result<number, string> {
  const read = parseDuration(text);
  if (!read.ok) return err(NOT_A_DURATION);
  // A decimal fraction of a second is rarely exact in binary: 1.001s is 1000.9999999999999 ms.
  const whole = Math.round(read.value);
  if (whole > MOST_MILLISECONDS) return err('must be at most 24h');
  if (Math.abs(read.value - whole) > 1e-6) return err('must be whole milliseconds');
  return whole < least
    ? err(`must be at least ${least < 1000 ? `${least}ms` : `${least / 1000}s`}`)
    : ok(whole);
}

/** A size in bytes, from 1 on. */
export function readSize(text: string, most: number = largest.body): Result<number, string> {
  const read = parseBytes(text);
  if (!read.ok) return err(NOT_A_SIZE);
  if (read.value > most)
    return err(`must be at most ${most < 1024 ** 3 ? `${most / 1024 ** 2}Mi` : `${most / 1024 ** 3}Gi`}`);
  return read.value === 0 ? err('must be more than 0') : read;
}

/** A number of cores, in thousandths: what Kubernetes counts in. */
export function readCores(text: string): Result<number, string> {
  const [, digits, unit] = /^(\d+(?:\.\d{1,3})?)(m?)$/.exec(text) ?? [];
  const milli = digits === undefined ? Number.NaN : Math.round(Number(digits) * (unit === 'm' ? 1 : 1000));
  if (Number.isNaN(milli) || (unit === 'm' && digits?.includes('.')))
    return err('must be a number of cores such as 2, "0.5" or 500m');
  return milli >= 1 && milli <= 1_000_000 ? ok(milli) : err('must be from 1m to 1000');
}

/** A part of a whole. */
export function readFraction(text: string): Result<number, string> {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value <= 1 ? ok(value) : err('must be a number from 0 to 1');
}

/** An address of HTTP. Credentials in it would be seen in lists of processes. */
export function readUrl(text: string): Result<string, string> {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return err('must be an http:// or https:// URL');
  const { username, password } = new URL(text);
  return username === '' && password === '' ? ok(text) : err('must hold no user or password');
}

/** Whether an address's host is the machine itself. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** A model's name or version. */
export function readLabel(text: string): Result<string, string> {
  return LABEL.test(text) ? ok(text) : err(NOT_A_LABEL);
}

/** The class that runs a model, and its module. */
export function readClass(text: string): Result<string, string> {
  return CLASS.test(text) ? ok(text) : err(NOT_A_CLASS);
}

const NOT_A_RATE =
  'must be a number of requests in a second, minute or hour, such as 100/s, 6000/m or 1000/h';
const PERIODS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** So many requests in a period of so many milliseconds. */
export function readRate(
  text: string,
): Result<{ readonly count: number; readonly periodMs: number }, string> {
  const [, digits, unit = ''] = /^([1-9]\d{0,8})\/([smh])$/.exec(text) ?? [];
  const periodMs = PERIODS[unit];
  return digits === undefined || periodMs === undefined
    ? err(NOT_A_RATE)
    : ok({ count: Number(digits), periodMs });
}

const NOT_A_DATE = 'must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z';

/** When something ends, in milliseconds since the epoch. A date ends as its day begins, in UTC. */
export function readExpiry(text: string): Result<number, string> {
  const isDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) || !isOfCalendar(text) ? err(NOT_A_DATE) : ok(time);
}

/** Whether a date's day is one of its month: a 31st of February would be read as one of March. */
function isOfCalendar(text: string): boolean {
  const [day] = text.split('T');
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(String(day));
}

/** Whether a drain's delay leaves some of its grace, which counts from the same moment. Milliseconds. */
export function fitsGrace(delayMs: number, graceMs: number): boolean {
  return delayMs < graceMs;
}

/** The priority of a request that says none, where nobody decided: the middle one, the less urgent of two. */
export function middlePriority(levels: number): number {
  return Math.floor(levels / 2) + 1;
}
