/** What a gRPC stream brings before it is a message: frames however they are cut, and what its headers say. */
import assert from 'node:assert/strict';
import { AppError, rpcStatusOf } from '#base';
import { CountedBudget } from '../../../src/base/rpc/fixtures/budget.ts';
import { headOf } from '../../../src/base/rpc/head.ts';
import { MessageReader } from '../../../src/base/rpc/reader.ts';
import { percentEncode } from '../../../src/base/rpc/status.ts';
import { parseRpcTimeout } from '../../../src/base/rpc/timeout.ts';
import type { RpcStream } from '../../../src/base/rpc/transport.ts';
import { type Border, refusal } from '../border.ts';
import { lines } from '../make/words.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';

const LIMIT = 1000;

/** A head is the places where the stream is cut. */
export const frames: Border = {
  name: 'frames',
  make(random) {
    const body = Buffer.concat(random.list(random.below(5), () => frame(random)));
    return { head: cuts(body.length, random), body };
  },
  change(known, other, random) {
    const body = mutate(known.body, random, {
      tokens: [frame(random), Buffer.from([0, 0xff, 0xff, 0xff, 0xff])],
      other: other.body,
    });
    return { head: cuts(body.length, random), body };
  },
  take({ head, body }) {
    const expected = split(body);
    const budget = new CountedBudget(64 * 1024);
    const reader = new MessageReader(LIMIT, budget);
    const messages: Buffer[] = [];
    let fault: unknown;
    try {
      for (const chunk of pieces(body, head)) {
        reader.push(chunk);
        for (let one = reader.next(); one !== undefined; one = reader.next()) messages.push(one);
      }
    } catch (error: unknown) {
      fault = error;
    }
    reader.drop();
    assert.deepEqual(messages, expected.messages, 'these are not the messages');
    assert.equal(
      budget.held,
      messages.reduce((sum, { length }) => sum + length, 0),
      'bytes stay held',
    );
    assert.equal(fault !== undefined, expected.isWrong, 'a stream is wrong or right as its prefixes are');
    return `${Math.min(messages.length, 4)} messages ${fault === undefined ? '' : refusal(fault)}`;
  },
};

function frame(random: Random): Buffer {
  const body = random.bytes(random.size(1100));
  const prefix = Buffer.alloc(5);
  prefix[0] = random.chance(0.97) ? random.below(2) : random.below(256);
  prefix.writeUInt32BE(
    random.chance(0.97) ? body.length : random.pick([LIMIT, LIMIT + 1, 2 ** 31, 2 ** 32 - 1, 0]),
    1,
  );
  return Buffer.concat([prefix, body]);
}

function cuts(length: number, random: Random): string {
  return random.list(random.size(8), () => random.below(length + 1)).join(' ');
}

function* pieces(body: Buffer, head: string): Generator<Buffer> {
  const places = [...head.split(' ').map(Number), 0, body.length].toSorted((a, b) => a - b);
  for (const [index, from] of places.entries()) yield body.subarray(from, places[index + 1] ?? body.length);
}

/** The same, read at once and simply. */
function split(body: Buffer): { messages: Buffer[]; isWrong: boolean } {
  const messages: Buffer[] = [];
  let at = 0;
  while (body.length - at >= 5) {
    const length = body.readUInt32BE(at + 1);
    if ((body[at] ?? 0) > 1 || length > LIMIT) return { messages, isWrong: true };
    if (at + 5 + length > body.length) break;
    messages.push(body.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { messages, isWrong: false };
}

const METADATA = lines(`
  content-type: application/grpc
  content-type: application/grpc+proto
  content-type: text/html
  grpc-timeout: 1S
  grpc-timeout: 99999999H
  grpc-timeout: 0n
  grpc-timeout: 123456789S
  grpc-timeout: 1
  grpc-encoding: gzip
  grpc-encoding: br
  grpc-encoding: identity
  :method: GET
  :method: POST`);

/** Headers of a call, a line each; what is said of them goes back in other headers. */
export const metadata: Border = {
  name: 'metadata',
  make: random => ({
    head: '',
    body: Buffer.from(random.list(random.below(5), () => random.pick(METADATA)).join('\n')),
  }),
  change: (known, other, random) => ({
    head: '',
    body: mutate(known.body, random, {
      tokens: METADATA.map(line => Buffer.from(`\n${line}`)),
      other: other.body,
    }),
  }),
  take({ body }) {
    checkEncoded(percentEncode(body.toString('utf16le')));
    const given = body
      .toString('latin1')
      .split('\n')
      .map(line => line.split(/: (.*)/s));
    const fields = new Map(given.map(([name = '', value = '']) => [name, value]));
    const timeout = parseRpcTimeout(fields.get('grpc-timeout') ?? '');
    assert(timeout === undefined || (timeout >= 0 && Number.isFinite(timeout)), `a timeout of ${timeout} ms`);
    const head = headOf({
      ...stream,
      method: fields.get(':method') ?? 'POST',
      header: name => fields.get(name),
    });
    if (!('http' in head)) return `${head.encoding} ${timeout === undefined ? 'no timeout' : 'timeout'}`;
    checkEncoded(percentEncode(head.message));
    assert(rpcStatusOf(new AppError('rpc_malformed', '', {})) > 0 && head.http < 500);
    return `${head.http} ${head.status}`;
  },
};

const nothing = (): void => undefined;
const stream: RpcStream = {
  method: 'POST',
  path: '/a.B/C',
  header: () => undefined,
  respond: nothing,
  write: () => true,
  end: nothing,
  reset: nothing,
  pause: nothing,
  resume: nothing,
};

/** Bytes that a peer's HTTP/2 takes as a header's value. */
function checkEncoded(text: string): void {
  assert(
    /^[\x20-\x7e]*$/.test(text) && text.length <= 4100 && text.trim() === text,
    `'${text}' cannot be a header's value`,
  );
}
