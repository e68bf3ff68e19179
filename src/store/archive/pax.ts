import { err, ok, type Result } from '#base';

/** What a POSIX extended header says of the entry that follows it. */
export interface Pax {
  readonly name?: string;
  readonly target?: string;
  readonly size?: number;
  /** GNU's way to leave holes out of a file. */
  readonly isSparse?: boolean;
}

/** Reads records `<length> <key>=<value>\n`, where the length counts the bytes of all of it. */
export function parsePax(bytes: Uint8Array): Result<Pax, string> {
  const text = Buffer.from(bytes);
  let pax: Pax = {};
  for (let at = 0; at < text.length; ) {
    const record = recordAt(text, at);
    if (record === undefined) return err('has a broken extended header');
    const read = readRecord(record.key, record.value);
    if (read === undefined) return err('has a broken size in its extended header');
    pax = { ...pax, ...read };
    at = record.end;
  }
  return ok(pax);
}

function recordAt(text: Buffer, at: number): { key: string; value: string; end: number } | undefined {
  const digits = /^(\d{1,7}) /.exec(text.toString('latin1', at, at + 8))?.[1];
  if (digits === undefined) return undefined;
  const end = at + Number(digits);
  const start = at + digits.length + 1;
  // The text ends with a newline, and the length says so.
  if (end > text.length || end <= start || text[end - 1] !== 10) return undefined;
  const record = text.toString('utf8', start, end - 1);
  const equals = record.indexOf('=');
  return equals < 1 ? undefined : { key: record.slice(0, equals), value: record.slice(equals + 1), end };
}

function readRecord(key: string, value: string): Pax | undefined {
  if (key === 'path') return { name: value };
  if (key === 'linkpath') return { target: value };
  if (key === 'size') return sizeOf(value);
  return key.startsWith('GNU.sparse.') ? { isSparse: true } : {};
}

function sizeOf(value: string): Pax | undefined {
  const size = /^\d{1,16}$/.test(value) ? Number(value) : undefined;
  return size !== undefined && Number.isSafeInteger(size) ? { size } : undefined;
}
