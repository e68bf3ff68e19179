import { type AppError, failure } from '#base';
import type { ByteRange } from '../../source.ts';
import type { Answer } from './ask.ts';

/** The header of a range (RFC 9110 §14.2): its last byte is named, and counts. */
export function rangeHeader(range: ByteRange | undefined): Record<string, string> {
  return range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` };
}

/** The size of the whole object, as an answer tells it. */
export function sizeOf({ status, headers }: Answer): number | undefined {
  const range = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  if (status === 206 || status === 416) return range === undefined ? undefined : Number(range);
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
}

/**
 * The bytes of a range out of the answer to it. A server may ignore ranges and send everything: then the bytes before are passed
 * over, which is slow and right. Throws `source_invalid` where the answer is of another range.
 */
export function ranged(answer: Answer, range: ByteRange | undefined, uri: string): AsyncIterable<Uint8Array> {
  const { status, headers, body } = answer;
  if (range === undefined && status === 200) return body;
  if (range !== undefined && status === 200) return cut(body, range);
  const [, start, end] = /^bytes (\d+)-(\d+)\//.exec(headers['content-range'] ?? '') ?? [];
  if (range !== undefined && Number(start) === range.start && Number(end) < range.end)
    return cut(body, { start: 0, end: range.end - range.start });
  body.drop();
  throw wrongRange(uri, status);
}

function wrongRange(uri: string, status: number): AppError {
  return failure('source_invalid', {
    uri,
    status,
    problem: 'the answer is of other bytes than were asked for',
  });
}

async function* cut(
  body: AsyncIterable<Uint8Array>,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0;
  for await (const chunk of body) {
    const wanted = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    if (wanted.length > 0) yield wanted;
    // What comes behind is nobody's; the connection is dropped. At the very end there is nothing, and it is kept.
    if (at > end) return;
  }
}
