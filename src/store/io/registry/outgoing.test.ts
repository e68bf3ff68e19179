import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import * as fc from 'fast-check';
import { digestOf } from '../../fixtures/repository.ts';
import { Outgoing } from './outgoing.ts';

const bytes = randomBytes(1000);
const digest = digestOf(bytes);
const signal = new AbortController().signal;

/** Opened in chunks of so many bytes; all chunks are in the same memory, as those of a registry are. */
function outgoingOf(chunk: number, open = { now: 0 }, pinned = digest): Outgoing {
  const blob = {
    digest: pinned,
    size: bytes.length,
    async *open(start: number) {
      const lent = Buffer.alloc(chunk);
      open.now++;
      try {
        for (let at = start; at < bytes.length; at += chunk)
          yield lent.subarray(0, bytes.copy(lent, 0, at, at + chunk));
      } finally {
        open.now--;
      }
    },
  };
  return new Outgoing(blob, 'oci://r.io/a');
}

async function read(piece: AsyncIterable<Uint8Array>, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of piece) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(chunks);
}

test('pieces are right whatever their order, where they are left, and how they are read', async () => {
  const place = fc.nat(bytes.length);
  const piece = fc.record({ a: place, b: place, most: fc.option(fc.nat(500)) });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.array(piece, { maxLength: 8 }),
      async (chunk, pieces) => {
        const open = { now: 0 };
        const outgoing = outgoingOf(chunk, open);
        for (const { a, b, most } of pieces) {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          const got = await read(outgoing.piece(start, end, signal), most ?? undefined);
          assert.ok(bytes.subarray(start, start + got.length).equals(got));
          if (most === null) assert.equal(got.length, end - start);
          assert.ok(open.now <= 1);
        }
        const whole = await read(outgoing.piece(0, bytes.length, signal));
        assert.ok(whole.equals(bytes));
        outgoing.drop();
        await new Promise(resolve => setImmediate(resolve));
        assert.equal(open.now, 0);
      },
    ),
  );
});

test('what has another digest is never handed out whole, however it is read', async () => {
  const cut = fc.integer({ min: 0, max: bytes.length - 1 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), cut, async (chunk, at) => {
      const outgoing = outgoingOf(chunk, { now: 0 }, digestOf(Buffer.from('other')));
      assert.equal((await read(outgoing.piece(0, at, signal))).length, at);
      await assert.rejects(
        read(outgoing.piece(at, bytes.length, signal)),
        /has the digest sha256:.* is expected/,
      );
    }),
  );
});

test('who gives up ends what waits for bytes, and may read again', async () => {
  const giveUp = new AbortController();
  let isHeld = true;
  const outgoing = new Outgoing(
    {
      digest,
      size: bytes.length,
      async *open(start, over) {
        if (isHeld)
          await new Promise((_, reject) => over.addEventListener('abort', () => reject(over.reason)));
        yield bytes.subarray(start);
      },
    },
    'oci://r.io/a',
  );
  const waiting = read(outgoing.piece(0, 1000, giveUp.signal));
  giveUp.abort(new Error('enough'));
  isHeld = false;
  const [first, second] = await Promise.allSettled([waiting, read(outgoing.piece(0, 1000, signal))]);
  assert.match(String(first.status === 'rejected' && first.reason), /enough/);
  assert.ok(second.status === 'fulfilled' && second.value.equals(bytes));
});
