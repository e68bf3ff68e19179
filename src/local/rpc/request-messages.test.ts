import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RequestMessages, type Sink } from './request-messages.ts';

/** Where messages go: what came, and when it is full. */
class Server implements Sink {
  readonly messages: string[] = [];
  ended = 0;
  full = false;

  write(pieces: readonly Uint8Array[]): boolean {
    const bytes = Buffer.concat(pieces);
    assert.deepEqual([bytes[0], bytes.readUInt32BE(1)], [0, bytes.length - 5]);
    this.messages.push(bytes.toString('latin1', 5));
    return !this.full;
  }

  end(): void {
    this.ended += 1;
  }
}

/** A client's messages, how many were let go of, and what is kept of all. */
function bench(limits: { mostBytes?: number; mostMessages?: number; budget?: number } = {}) {
  const seen = { released: 0, left: limits.budget ?? 1000 };
  const messages = new RequestMessages({
    source: { release: () => void (seen.released += 1) },
    budget: {
      take: bytes => bytes <= seen.left && ((seen.left -= bytes), true),
      give: bytes => void (seen.left += bytes),
    },
    mostBytes: limits.mostBytes ?? 100,
    mostMessages: limits.mostMessages ?? 10,
  });
  return { messages, seen };
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

test('messages and their end go on to a server, and again to another', () => {
  const { messages } = bench();
  const [one, other] = [new Server(), new Server()];
  messages.add(text('a'));
  messages.sendTo(one);
  messages.add(text('b'));
  messages.end();
  messages.detach();
  messages.sendTo(other);
  assert.deepEqual([one.messages, one.ended], [['a', 'b'], 1]);
  assert.deepEqual([other.messages, other.ended], [['a', 'b'], 1]);
});

test('what is kept is let go of when an answer begins', () => {
  const { messages, seen } = bench();
  messages.sendTo(new Server());
  messages.add(text('abc'));
  assert.deepEqual([seen.released, seen.left, messages.repeatable], [0, 997, true]);
  messages.settle();
  assert.deepEqual([seen.released, seen.left, messages.repeatable], [1, 1000, false]);
  messages.add(text('d'));
  assert.deepEqual([seen.released, seen.left], [2, 1000]);
});

for (const [name, limits, kept] of [
  ['more bytes than one call may keep', { mostBytes: 3 }, 1],
  ['more messages than one call may keep', { mostMessages: 1 }, 1],
  ['more than the budget of all', { budget: 3 }, 1],
] as const) {
  test(`${name} are not kept, and let go of as they are sent`, () => {
    const { messages, seen } = bench(limits);
    messages.sendTo(new Server());
    messages.add(text('ab'));
    assert.equal(messages.repeatable, true);
    messages.add(text('cd'));
    assert.deepEqual([messages.repeatable, seen.released], [false, kept + 1]);
    assert.equal(seen.left, limits === undefined ? 0 : 'budget' in limits ? 3 : 1000);
  });
}

test('a server that is full gets no more until it has room, and the client waits', () => {
  const { messages, seen } = bench({ mostBytes: 0 });
  const server = new Server();
  server.full = true;
  messages.sendTo(server);
  messages.add(text('a'));
  messages.add(text('b'));
  messages.end();
  assert.deepEqual([server.messages, server.ended, seen.released], [['a'], 0, 0]);
  messages.drained();
  assert.deepEqual([server.messages, server.ended, seen.released], [['a', 'b'], 1, 0]);
  messages.drained();
  assert.equal(seen.released, 2);
});

test('a large message is not copied', () => {
  const { messages } = bench();
  const large = Buffer.alloc(100_000);
  const pieces: Uint8Array[] = [];
  messages.sendTo({ write: all => (pieces.push(...all), true), end: () => undefined });
  messages.add(large);
  assert.equal(pieces.at(-1), large);
});

test('what is discarded is neither kept nor sent', () => {
  const { messages, seen } = bench();
  const server = new Server();
  messages.add(text('abc'));
  messages.discard();
  messages.sendTo(server);
  assert.deepEqual([seen.left, server.messages], [1000, []]);
});

test('whatever the order of things, a server gets every message once and in order, and each is let go of once', () => {
  const steps = fc.array(fc.constantFrom('add', 'full', 'room', 'settle', 'again'), { maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 20 }), (all, mostBytes) => {
      const { messages, seen } = bench({ mostBytes });
      let server = new Server();
      let added = 0;
      messages.sendTo(server);
      for (const step of all) {
        if (step === 'add') messages.add(text(String.fromCharCode(added++)));
        if (step === 'full') server.full = true;
        if (step === 'room') server.full = false;
        if (step === 'room') messages.drained();
        if (step === 'settle') messages.settle();
        if (step !== 'again' || !messages.repeatable) continue;
        messages.detach();
        server = new Server();
        messages.sendTo(server);
      }
      server.full = false;
      messages.settle();
      messages.drained();
      messages.drained();
      assert.equal(
        server.messages.join(''),
        String.fromCharCode(...Array.from({ length: added }, (_, at) => at)),
      );
      assert.deepEqual([seen.released, seen.left], [added, 1000]);
    }),
  );
});
