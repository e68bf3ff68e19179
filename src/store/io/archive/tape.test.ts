import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { Tape } from './tape.ts';

async function* streamOf(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('what one reader read too far is there for the next', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme-ascii' })),
      fc.array(fc.nat(20)),
      async (chunks, takes) => {
        const tape = new Tape(streamOf(chunks));
        const whole = chunks.join('');
        let at = 0;
        for (const take of takes) {
          const reader = tape.from(at);
          await reader.next();
          // It is stopped while it waits for one more.
          void reader.next();
          void reader.return(undefined);
          at = Math.min(whole.length, at + take);
          tape.drop(at);
        }
        assert.equal(await textOf(tape.from(at)), whole.slice(at));
      },
    ),
  );
});

test('a place is before the end of a stream, at it, or behind', async () => {
  const tape = new Tape(streamOf(['ab', '', 'c']));
  assert.deepEqual(
    [await tape.toEnd(2), await tape.toEnd(3), await tape.toEnd(4)],
    ['before', 'there', 'behind'],
  );
});

test('who makes the stream is told when no more is wanted', async () => {
  let isClosed = false;
  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('a');
      yield Buffer.from('b');
    } finally {
      isClosed = true;
    }
  }
  const tape = new Tape(stream());
  await tape.from(0).next();
  tape.close();
  await Promise.resolve();
  assert.ok(isClosed);
});
