import { pipeline } from 'node:stream/promises';
import { createDeflate, createGzip, deflateSync, gzipSync, type ZlibOptions } from 'node:zlib';
import { type Coding, chooseEncoding } from '../content-coding.ts';

/** A body in pieces, which are sent one after the other. */
export type Pieces = readonly (string | Uint8Array)[];

/** A body as it is sent. */
export interface Encoded {
  readonly pieces: Pieces;
  /** Names and values in turn: Content-Length, and what tells of its coding. */
  readonly headers: readonly string[];
}

/** Less than this hardly gets smaller. Bytes. */
const LEAST = 128;

/** More than this is compressed by zlib's threads: to hand it over costs less than to do it. Bytes. */
const SMALL = 16 * 1024;

/** What goes in, and comes out, in one step. Characters or bytes. */
const STEP = 64 * 1024;

/** Numbers as text become half as long at the least level, and hardly shorter at any other. */
const FAST: ZlibOptions = { level: 1 };

/**
 * An answer's body as its client takes it best: in the coding that its Accept-Encoding asks for, where that makes it
 * smaller. At once when it is small or stays as it is.
 */
export function encode(body: string | Pieces, acceptEncoding: undefined): Encoded;
export function encode(body: string | Pieces, acceptEncoding: string | undefined): Encoded | Promise<Encoded>;
export function encode(
  body: string | Pieces,
  acceptEncoding: string | undefined,
): Encoded | Promise<Encoded> {
  const pieces = typeof body === 'string' ? [body] : joined(body);
  const length = lengthOf(pieces);
  if (length < LEAST) return { pieces, headers: ['Content-Length', String(length)] };
  const coding = chooseEncoding(acceptEncoding);
  if (coding === 'identity') return encoded(pieces, length, coding);
  if (length > SMALL) return compressByStream(pieces, length, coding);
  return smaller([compressNow(pieces, coding)], { pieces, length, coding });
}

interface Plain {
  readonly pieces: Pieces;
  readonly length: number;
  readonly coding: Coding;
}

function smaller(compressed: Pieces, { pieces, length, coding }: Plain): Encoded {
  const size = lengthOf(compressed);
  return size < length ? encoded(compressed, size, coding) : encoded(pieces, length, 'identity');
}

/** Caches are told that another client may get it otherwise: RFC 9110, 12.5.5. */
function encoded(pieces: Pieces, length: number, coding: Coding): Encoded {
  const headers = ['Content-Length', String(length), 'Vary', 'Accept-Encoding'];
  return { pieces, headers: coding === 'identity' ? headers : [...headers, 'Content-Encoding', coding] };
}

/** Several small pieces in one: a write for each would cost more than copying them. */
function joined(pieces: Pieces): Pieces {
  if (pieces.length < 2 || lengthOf(pieces) > SMALL) return pieces;
  return [wholeOf(pieces)];
}

function wholeOf(pieces: Pieces): Buffer {
  return Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function lengthOf(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
}

function compressNow(pieces: Pieces, coding: Coding): Buffer {
  const whole = wholeOf(pieces);
  return coding === 'gzip' ? gzipSync(whole, FAST) : deflateSync(whole, FAST);
}

async function compressByStream(pieces: Pieces, length: number, coding: Coding): Promise<Encoded> {
  const options = { ...FAST, chunkSize: STEP };
  const engine = coding === 'gzip' ? createGzip(options) : createDeflate(options);
  const compressed: Buffer[] = [];
  await pipeline(parts(pieces), engine, async (out: AsyncIterable<Buffer>) => {
    for await (const part of out) compressed.push(part);
  });
  return smaller(compressed, { pieces, length, coding });
}

/** The pieces in parts, none of which takes long to encode. */
function* parts(pieces: Pieces): Generator<Uint8Array> {
  for (const piece of pieces) {
    if (typeof piece === 'string') yield* textParts(piece);
    else for (let at = 0; at < piece.length; at += STEP) yield piece.subarray(at, at + STEP);
  }
}

function* textParts(text: string): Generator<Buffer> {
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = isSplit(text, at + STEP) ? at + STEP + 1 : at + STEP;
    yield Buffer.from(text.slice(at, end));
  }
}

/** Whether a character lies on both sides: two halves of one would each become another. */
function isSplit(text: string, at: number): boolean {
  const half = text.charCodeAt(at - 1);
  return half >= 0xd800 && half < 0xdc00;
}
