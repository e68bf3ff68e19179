import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import test, { after, before } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type AppError } from '#base';
import { HttpRequest } from '#net';
import { Admission } from '../admission.ts';
import { type BodyOptions, readBody } from './body.ts';

/** Counts what is held. */
class Scales extends Admission {
  held = 0;
  most = 0;

  override hold(bytes: number): void {
    super.hold(bytes);
    this.held += bytes;
    this.most = Math.max(this.most, this.held);
  }

  override release(bytes: number): void {
    super.release(bytes);
    this.held -= bytes;
  }
}

const LIMIT = 1_000_000;

/** What became of the body of the request that came last. */
interface Outcome {
  readonly body?: Buffer;
  readonly error?: AppError;
  readonly scales: Scales;
}
let outcome = Promise.withResolvers<Outcome>();
let options: Partial<BodyOptions> & { bodyBytes?: number } = {};

const server = createServer({ IncomingMessage: HttpRequest }, (request, response) => {
  const scales = new Scales({ inFlight: 1, bodyBytes: options.bodyBytes ?? 100 * LIMIT });
  readBody(request, { limit: LIMIT, admission: scales, proceed: () => undefined, ...options })
    .then(
      body => outcome.resolve({ body, scales }),
      (error: AppError) => outcome.resolve({ error, scales }),
    )
    .finally(() => {
      response.end();
      request.resume();
    });
});
before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
after(() => server.close());

const port = (): number => (server.address() as AddressInfo).port;

/** Sends a body in these parts, in chunks unless its length is told. */
async function send(
  parts: readonly Uint8Array[],
  headers: Readonly<Record<string, string | number>> = {},
  given: typeof options = {},
): Promise<Outcome> {
  outcome = Promise.withResolvers();
  options = given;
  const request = httpRequest({ port: port(), method: 'POST', headers, agent: false });
  request.on('error', () => undefined);
  for (const part of parts) request.write(part);
  request.end();
  const found = await outcome.promise;
  request.destroy();
  return found;
}

const told = (bytes: Uint8Array): { 'content-length': number } => ({ 'content-length': bytes.length });

const json = Buffer.from(
  JSON.stringify({ inputs: Array.from({ length: 20_000 }, (_, index) => [index, 1 / 3]) }),
);
const coded = [
  { coding: 'identity', pack: (bytes: Buffer) => bytes },
  { coding: 'gzip', pack: gzipSync },
  { coding: 'x-gzip', pack: gzipSync },
  { coding: 'deflate', pack: deflateSync },
  { coding: 'deflate', pack: deflateRawSync, raw: true },
];

for (const { coding, pack, raw } of coded) {
  const name = raw === true ? 'deflate without its wrapper' : coding;
  for (const [size, bytes] of [
    ['small', json.subarray(0, 500)],
    ['large', json],
  ] as const) {
    test(`a ${size} body of ${name} arrives, whether its length is told or not, and holds what it has`, async () => {
      const packed = pack(bytes);
      for (const headers of [told(packed), {}]) {
        const { body, error, scales } = await send([packed], { ...headers, 'content-encoding': coding });
        assert.equal(error, undefined);
        assert(bytes.equals(body ?? Buffer.alloc(0)));
        assert.equal(scales.held, bytes.length);
      }
    });
  }
}

test('however a body is cut into pieces, packed and aligned, it is what was sent', async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 2000 }).map(some => Buffer.from(some));
  const repeats = fc.constantFrom(1, 3, 300);
  const cuts = fc.array(fc.nat(2000), { maxLength: 5 });
  const property = fc.asyncProperty(
    bytes,
    repeats,
    cuts,
    fc.constantFrom(...coded),
    async (some, times, at, how) => {
      const whole = Buffer.alloc(some.length * times, some);
      const packed = how.pack(whole);
      const places = [0, ...at.map(one => one % packed.length).toSorted((a, b) => a - b), packed.length];
      const parts = places.slice(1).map((end, index) => packed.subarray(places[index], end));
      const { body, scales } = await send(parts, { 'content-encoding': how.coding }, { align: 3 });
      assert(body?.equals(whole));
      assert.equal(scales.held, whole.length);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

const member = gzipSync('[1,');
const flip = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
};
const big = gzipSync(json);

test('members of gzip that follow each other are one body', async () => {
  for (const rest of ['2]', json]) {
    const parts = [member, gzipSync(rest)];
    const { body } = await send(parts, { 'content-encoding': 'gzip' });
    assert.equal(body?.toString(), `[1,${rest.toString()}`);
  }
});

/** Name, coding, bytes, code of the fault, what it says. */
const faults: readonly (readonly [string, string, Buffer, string, RegExp])[] = [
  ['nothing', 'gzip', Buffer.alloc(0), 'encoding_malformed', /unexpected end/],
  ['plain JSON', 'gzip', Buffer.from('{}'), 'encoding_malformed', /not valid gzip: incorrect header check/],
  ['large plain JSON', 'gzip', json, 'encoding_malformed', /incorrect header check/],
  ['plain JSON', 'deflate', Buffer.from('{"inputs": [1]}'), 'encoding_malformed', /not valid deflate/],
  ['one byte', 'deflate', Buffer.from('x'), 'encoding_malformed', /unexpected end/],
  ['half a header', 'gzip', member.subarray(0, 5), 'encoding_malformed', /unexpected end/],
  ['all but the last byte', 'gzip', member.subarray(0, -1), 'encoding_malformed', /unexpected end/],
  ['all but the last byte of much', 'gzip', big.subarray(0, -1), 'encoding_malformed', /unexpected end/],
  [
    'all but the last byte',
    'deflate',
    deflateSync('[1]').subarray(0, -1),
    'encoding_malformed',
    /unexpected end/,
  ],
  ['a checksum that is wrong', 'gzip', flip(member, member.length - 6), 'encoding_malformed', /data check/],
  ['a checksum of much that is wrong', 'gzip', flip(big, big.length - 6), 'encoding_malformed', /data check/],
  ['a length that is wrong', 'gzip', flip(member, member.length - 1), 'encoding_malformed', /length check/],
  ['a byte of much that is wrong', 'gzip', flip(big, 5000), 'encoding_malformed', /invalid|incorrect/],
  [
    'a dictionary nobody knows',
    'deflate',
    deflateSync('[1]', { dictionary: Buffer.from('[') }),
    'encoding_malformed',
    /dictionary/,
  ],
  [
    'garbage after its end',
    'gzip',
    Buffer.concat([member, Buffer.from('garbage')]),
    'encoding_malformed',
    /gzip/,
  ],
  [
    'zeros after its end',
    'gzip',
    Buffer.concat([member, Buffer.alloc(8)]),
    'encoding_malformed',
    /8 bytes follow its end/,
  ],
  [
    'zeros after the end of much',
    'gzip',
    Buffer.concat([big, Buffer.alloc(20_000)]),
    'encoding_malformed',
    /20000 bytes follow/,
  ],
  [
    'garbage after its end',
    'deflate',
    Buffer.concat([deflateSync('[1]'), Buffer.from('{}')]),
    'encoding_malformed',
    /2 bytes follow/,
  ],
  [
    'half a member after its end',
    'gzip',
    Buffer.concat([member, member.subarray(0, 9)]),
    'encoding_malformed',
    /unexpected end/,
  ],
  ['a byte over the limit', 'gzip', gzipSync(Buffer.alloc(LIMIT + 1)), 'body_too_large', /1000000 bytes/],
  [
    'a gigabyte',
    'gzip',
    Buffer.concat(Array.from({ length: 1000 }, () => gzipSync(Buffer.alloc(1e6)))),
    'body_too_large',
    /1000000/,
  ],
  ['Brotli', 'br', Buffer.from('x'), 'encoding_unsupported', /'br'/],
  ['gzip twice', 'gzip, gzip', gzipSync(member), 'encoding_unsupported', /'gzip, gzip'/],
];

for (const [name, coding, bytes, code, says] of faults) {
  test(`a body of ${coding} that is ${name} is refused, and holds nothing`, async () => {
    const { error, scales } = await send([bytes], { ...told(bytes), 'content-encoding': coding });
    assert.equal(error?.code, code, error?.message);
    assert.match(error?.message ?? '', says);
    assert.equal(scales.held, 0);
    assert(scales.most <= 1.5 * LIMIT + bytes.length, `${scales.most} bytes were held`);
  });
}

test('a body that is as large as the limit is taken, packed or not', async () => {
  const bytes = Buffer.alloc(LIMIT);
  assert.equal((await send([bytes])).body?.length, LIMIT);
  assert.equal((await send([gzipSync(bytes)], { 'content-encoding': 'gzip' })).body?.length, LIMIT);
});

test('a small limit holds for a small body that inflates to more', async () => {
  const { error } = await send(
    [gzipSync(Buffer.alloc(1001))],
    { 'content-encoding': 'gzip' },
    { limit: 1000 },
  );
  assert.equal(error?.code, 'body_too_large');
});

test('what a body inflates to counts among the bytes that are held', async () => {
  const packed = gzipSync(json);
  const { error, scales } = await send([packed], { 'content-encoding': 'gzip' }, { bodyBytes: 200_000 });
  assert.equal(error?.code, 'overloaded');
  assert.equal(scales.held, 0);
});

test('a body whose length is told to be too large is refused before any of it is read', async () => {
  const proceed = (): void => assert.fail('nobody should be told to send it');
  const { error } = await send([Buffer.alloc(LIMIT + 1)], { 'content-length': LIMIT + 1 }, { proceed });
  assert.equal(error?.code, 'body_too_large');
});

test('a body in chunks is refused when it passes the limit', async () => {
  const { error, scales } = await send(Array.from({ length: 11 }, () => Buffer.alloc(LIMIT / 10)));
  assert.equal(error?.code, 'body_too_large');
  assert.equal(scales.held, 0);
});

for (const coding of ['identity', 'gzip']) {
  test(`a body of ${coding} that is cut is told to be, and holds nothing`, async () => {
    outcome = Promise.withResolvers();
    options = {};
    const socket = connect(port(), '127.0.0.1');
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: ${coding}\r\nContent-Length: 200000\r\n\r\n`,
    );
    socket.write(big.subarray(0, 100_000), () => socket.destroy());
    const { error, scales } = await outcome.promise;
    assert.equal(error?.code, 'body_cut');
    assert.equal(scales.held, 0);
  });
}

test('numbers after any position can be viewed without a copy, once a body takes more than one piece', async () => {
  const bytes = Buffer.alloc(300_000);
  for (const align of [0, 1, 7, 140, 4096]) {
    for (const headers of [told(bytes), { 'content-encoding': 'gzip' }]) {
      const sent = 'content-encoding' in headers ? gzipSync(bytes) : bytes;
      const { body = Buffer.alloc(0) } = await send([sent], headers, { align });
      assert.equal(body.length, bytes.length);
      assert.equal((body.byteOffset + align) % 8, 0);
    }
  }
});
