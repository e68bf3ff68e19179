import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { type Encoded, encode, type Pieces } from './encoding.ts';

const bytesOf = (pieces: Pieces): Buffer => Buffer.concat(pieces.map(piece => Buffer.from(piece as string)));

/** Name to value; each name once. */
function headersOf({ headers }: Encoded): Readonly<Record<string, string>> {
  const names = headers.filter((_, index) => index % 2 === 0);
  assert.equal(new Set(names).size, names.length);
  return Object.fromEntries(names.map((name, index) => [name, headers[2 * index + 1] ?? '']));
}

/** What a client reads, by the headers alone. */
function read(encoded: Encoded): Buffer {
  const { 'Content-Length': length, 'Content-Encoding': coding } = headersOf(encoded);
  const sent = bytesOf(encoded.pieces);
  assert.equal(String(sent.length), length);
  if (coding === undefined) return sent;
  return coding === 'gzip' ? gunzipSync(sent) : inflateSync(sent);
}

const numbers = (count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, index) => index / 7));

for (const [size, count] of [
  ['small', 100],
  ['large', 50_000],
] as const) {
  for (const coding of ['gzip', 'deflate'] as const) {
    test(`a ${size} body is sent smaller to a client that takes ${coding}`, async () => {
      const body = numbers(count);
      const encoded = await encode(body, coding);
      const { Vary: vary, 'Content-Encoding': told } = headersOf(encoded);
      assert.deepEqual([vary, told], ['Accept-Encoding', coding]);
      assert.equal(read(encoded).toString(), body);
      assert(bytesOf(encoded.pieces).length < 0.7 * body.length);
    });
  }

  test(`a ${size} body stays as it is for a client that takes it so, and caches are told that others may not`, () => {
    const body = numbers(count);
    for (const header of [undefined, 'identity', 'gzip;q=0', 'br']) {
      const length = String(body.length);
      const headers = ['Content-Length', length, 'Vary', 'Accept-Encoding'];
      assert.deepEqual(encode(body, header), { pieces: [body], headers });
    }
  });

  test(`a ${size} body that compression would not make smaller stays as it is`, async () => {
    const noise = Buffer.from(
      Array.from({ length: count * 20 }, (_, index) => (Math.sin(index) * 1e6) & 0xff),
    );
    const encoded = await encode([noise], 'gzip');
    assert.deepEqual(encoded.pieces, [noise]);
    assert.equal(headersOf(encoded)['Content-Encoding'], undefined);
    assert.equal(headersOf(encoded)['Vary'], 'Accept-Encoding');
  });
}

test('what is too short to get shorter stays as it is for everybody', () => {
  const body = 'a'.repeat(127);
  assert.deepEqual(encode(body, 'gzip'), { pieces: [body], headers: ['Content-Length', '127'] });
});

test('nothing is sent as nothing', () => {
  assert.deepEqual(encode([], 'gzip'), { pieces: [], headers: ['Content-Length', '0'] });
});

test('a small body is encoded at once', () => {
  assert(!(encode(numbers(100), 'gzip') instanceof Promise));
});

test('whatever the pieces, a client reads what was to be sent', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    text,
    // Long enough to be cut, at every place of a pair of halves.
    fc
      .tuple(fc.nat(3), fc.constantFrom('é', '😀', 'a😀'))
      .map(([shift, unit]) => 'x'.repeat(shift) + unit.repeat(70_000)),
  );
  const accept = fc.constantFrom(undefined, 'gzip', 'deflate', '*', 'identity;q=0');
  const property = fc.asyncProperty(fc.array(piece, { maxLength: 4 }), accept, async (pieces, header) => {
    assert(read(await encode(pieces, header)).equals(bytesOf(pieces)));
  });
  await fc.assert(property, { numRuns: 50 });
});
