/**
 * An answer as a flat list of named texts, so that two answers differ exactly where a name's texts do. Numbers stay as
 * they were written: nothing is lost to JavaScript's own.
 */
import { gunzipSync, inflateSync } from 'node:zlib';
import type { HttpAnswer } from './exchange.ts';

/** Begins what was a number, so that it is told from a string. */
const MARK = '\u0001';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** A time that differs from run to run. */
const MEASURED = /\b\d[\d.]* ms\b/g;

export type View = Readonly<Record<string, string>>;

/** The headers that mean something to a client; all others are the servers' own affair. */
const HEADERS = [
  'content-type',
  'content-encoding',
  'inference-header-content-length',
  'allow',
  'accept-encoding',
  'retry-after',
];

export function httpView(answer: HttpAnswer): View {
  const headers = HEADERS.flatMap(name => {
    const value = answer.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const body = decoded(answer);
  return { status: String(answer.status), ...Object.fromEntries(headers), ...bodyView(answer, body) };
}

function decoded({ headers, body }: HttpAnswer): Buffer {
  if (headers['content-encoding'] === 'gzip') return gunzipSync(body);
  return headers['content-encoding'] === 'deflate' ? inflateSync(body) : body;
}

function bodyView({ headers }: HttpAnswer, body: Buffer): View {
  const length = headers['inference-header-content-length'];
  const text = body.subarray(0, length === undefined ? body.length : Number(length));
  if (text.length === 0) return { body: '(empty)' };
  const json = exactJson(text.toString('utf8'));
  if (json === undefined) return { body: text.toString('latin1') };
  const tail = body.subarray(text.length);
  return { ...flattened(json), ...(tail.length > 0 && tensorBytes(json, tail)) };
}

/** Each binary output's bytes under its place; what no output claims under `tail`. */
function tensorBytes(json: unknown, tail: Buffer): View {
  const { outputs = [] } = json as { outputs?: { parameters?: { binary_data_size?: string } }[] };
  const view: Record<string, string> = {};
  let at = 0;
  for (const [index, { parameters }] of outputs.entries()) {
    const size = Number(parameters?.binary_data_size?.slice(MARK.length) ?? 0);
    if (size > 0) view[`outputs[${index}].bytes`] = tail.subarray(at, at + size).toString('hex');
    at += size;
  }
  return at === tail.length ? view : { ...view, tail: tail.subarray(at).toString('hex') };
}

/** JSON with its numbers as the texts they are, and with the tokens NaN and Infinity; undefined when it is none. */
export function exactJson(text: string): unknown {
  const quoted = text.replaceAll(/"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g, token =>
    token.startsWith('"') ? token : `"\\u0001${token}"`,
  );
  try {
    return JSON.parse(quoted, (_name, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? `${MARK}${context?.source ?? ''}` : value,
    );
  } catch {
    return undefined;
  }
}

/** Lists of scalars are one text; objects and lists of objects are opened. */
export function flattened(value: unknown, path = ''): View {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object') return { [path || 'body']: scalar(value) };
  if (Array.isArray(value) && !value.some(isObject))
    return { [path || 'body']: `[${value.map(scalar).join(',')}]` };
  const entries = Array.isArray(value)
    ? value.map((item, index) => [`${path}[${index}]`, item] as const)
    : Object.entries(value).map(([name, item]) => [path === '' ? name : `${path}.${name}`, item] as const);
  if (entries.length === 0) return { [path || 'body']: '{}' };
  return Object.assign({}, ...entries.map(([name, item]) => flattened(item, name))) as View;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function scalar(value: unknown): string {
  if (typeof value === 'string' && UUID.test(value)) return '(a UUID)';
  return typeof value === 'string' && value.startsWith(MARK)
    ? value.slice(MARK.length)
    : JSON.stringify(value).replaceAll(MEASURED, 'some ms');
}
