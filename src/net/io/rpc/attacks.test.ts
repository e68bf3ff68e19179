import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { CountedBudget } from '../../rpc/fixtures/budget.ts';
import { ask, echo, grpcClient, type Opened, openDoor, recording } from './fixtures/door.ts';
import {
  block,
  callHeaders,
  Flag,
  type Frame,
  frame,
  messageData,
  PREFACE,
  Type,
  word,
} from './fixtures/frames.ts';
import { RawClient } from './fixtures/raw-client.ts';

const ONE = Buffer.from('one');
const SETTINGS = frame(Type.settings, 0, 0);
const CANCEL = word(8);

/** Whoever comes next is served. */
async function assertServed(t: TestContext, { door }: Opened): Promise<void> {
  const client = grpcClient(t, door);
  assert.equal(String(await ask(client, ONE)), 'one');
  client.close();
}

const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));

/** The id of a client's stream. */
const id = (index: number): number => 1 + 2 * index;

const isGoaway = ({ type }: Frame): boolean => type === Type.goaway;
const isReset = ({ type }: Frame): boolean => type === Type.reset;

/** What no honest client sends so much of. */
const floods: readonly (readonly [string, () => Buffer])[] = [
  ['PING', () => times(20_000, () => frame(Type.ping, 0, 0, Buffer.alloc(8)))],
  ['SETTINGS', () => times(20_000, () => SETTINGS)],
  [
    'PRIORITY',
    () => times(20_000, index => frame(Type.priority, 0, id(index), Buffer.from([0, 0, 0, 0, 1]))),
  ],
  [
    'calls that are reset',
    () =>
      times(20_000, index =>
        Buffer.concat([callHeaders(id(index)), frame(Type.reset, 0, id(index), CANCEL)]),
      ),
  ],
  [
    'CONTINUATION',
    () =>
      Buffer.concat([
        frame(Type.headers, 0, 1, block([[':method', 'POST']])),
        times(20_000, () => frame(Type.continuation, 0, 1, block([['a', 'b']]))),
      ]),
  ],
  [
    'empty CONTINUATION',
    () => Buffer.concat([frame(Type.headers, 0, 1), times(20_000, () => frame(Type.continuation, 0, 1))]),
  ],
  ['empty DATA', () => Buffer.concat([callHeaders(1), times(20_000, () => frame(Type.data, 0, 1))])],
  ['unknown frames', () => times(20_000, () => frame(200, 0, 0, Buffer.alloc(8)))],
];

for (const [name, flood] of floods) {
  test(`a flood of ${name} ends the connection, with a word`, async t => {
    const opened = await openDoor(t, echo);
    const client = new RawClient(t, opened.door.url).greet().write(flood());
    const goaway = await client.until(isGoaway);
    assert.notEqual(goaway?.payload.readUInt32BE(4), 0);
    await client.closed;
    await assertServed(t, opened);
  });
}

test('clients that give up calls after a while are no flood', async t => {
  const { handler, next } = recording();
  const opened = await openDoor(t, handler);
  const client = await new RawClient(t, opened.door.url).agree();
  for (let round = 0; round < 30; round++) {
    const ids = Array.from({ length: 100 }, (_, index) => id(100 * round + index));
    client.write(...ids.map(stream => callHeaders(stream)));
    const recorders = await Promise.all(ids.map(() => next()));
    // Longer than what counts as rapid.
    await new Promise(resolve => setTimeout(resolve, 10));
    client.write(...ids.map(stream => frame(Type.reset, 0, stream, CANCEL)));
    await Promise.all(recorders.map(recorder => recorder.until(events => events.includes('cancelled'))));
  }
  assert.equal(client.frames.find(isGoaway), undefined);
});

test('pings that come one by one are answered, until they are too many', async t => {
  const opened = await openDoor(t, echo);
  const client = await new RawClient(t, opened.door.url).agree();
  const ping = frame(Type.ping, 0, 0, Buffer.alloc(8));
  let answered = 0;
  for (let isOpen = true; isOpen; answered++) {
    client.frames.length = 0;
    client.write(ping);
    isOpen =
      (await client.until(({ type }) => type === Type.ping || type === Type.goaway))?.type === Type.ping;
  }
  assert.ok(answered > 900, `${answered} were answered`);
  assert.equal(client.frames.find(isGoaway)?.payload.readUInt32BE(4), 11);
  await client.closed;
  await assertServed(t, opened);
});

test('frames that cost next to nothing are taken, and others are served meanwhile', async t => {
  const opened = await openDoor(t, echo);
  const client = new RawClient(t, opened.door.url).greet();
  client.write(times(20_000, () => frame(Type.windowUpdate, 0, 0, word(1))));
  await assertServed(t, opened);
  client.write(callHeaders(1), messageData(1, ONE));
  assert.ok(await client.until(({ type, stream }) => type === Type.data && stream === 1));
});

const wide = 'x'.repeat(1000);

for (const [name, fields] of [
  ['too large', Array.from({ length: 20 }, (_, index) => [`x-${index}`, wide] as const)],
  ['too many', Array.from({ length: 300 }, (_, index) => [`x-${index}`, ''] as const)],
] as const) {
  test(`headers that are ${name} end their call, and the next is answered`, async t => {
    const opened = await openDoor(t, echo);
    const client = await new RawClient(t, opened.door.url).agree();
    const all = block([...fields]);
    const parts = Array.from({ length: Math.ceil(all.length / 16_000) }, (_, index) =>
      all.subarray(index * 16_000, (index + 1) * 16_000),
    );
    const first = callHeaders(1).subarray(9);
    client.write(
      frame(Type.headers, 0, 1, first),
      ...parts.map((part, index) =>
        frame(Type.continuation, index === parts.length - 1 ? Flag.endHeaders : 0, 1, part),
      ),
    );
    const reset = await client.until(isReset);
    assert.equal(reset?.payload.readUInt32BE(0), 11);
    client.write(callHeaders(3), messageData(3, ONE));
    assert.ok(await client.until(({ type, stream }) => type === Type.data && stream === 3));
    await assertServed(t, opened);
  });
}

test('calls beyond those of a connection are refused, and the others are answered', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler, { streamsPerConnection: 2 });
  const client = new RawClient(t, door.url).greet();
  client.write(...[0, 1, 2].map(index => callHeaders(id(index))));
  const reset = await client.until(isReset);
  assert.deepEqual([reset?.stream, reset?.payload.readUInt32BE(0)], [5, 7]);
  for (const { call } of [await next(), await next()]) call.finish(0, '');
  for (const index of [0, 1])
    assert.ok(await client.until(({ type, stream }) => type === Type.headers && stream === id(index)));
});

test('calls that say nothing are bounded by the budget', async t => {
  const { door } = await openDoor(t, echo, { budget: new CountedBudget(50_000) });
  const client = new RawClient(t, door.url).greet();
  client.write(times(20, index => callHeaders(id(index))));
  await client.until(({ type, stream }) => type === Type.headers && stream === id(19));
  assert.equal(door.owed, 12);
});

test('HTTP/1 is answered with a sentence', async t => {
  const opened = await openDoor(t, echo);
  const client = new RawClient(t, opened.door.url).write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  client.socket.on('end', () => client.socket.end());
  await client.closed;
  assert.match(client.text, /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\nthis port speaks gRPC/);
  await assertServed(t, opened);
});

for (const [name, bytes] of [
  ['a TLS hello', Buffer.from('160301020001000000', 'hex')],
  ['noise', Buffer.from('00ff00ff00ff', 'hex')],
  ['a preface that goes wrong', Buffer.concat([PREFACE.subarray(0, 20), Buffer.from('xxxx')])],
  ['noise after the preface', Buffer.concat([PREFACE, Buffer.alloc(100, 0xff)])],
  ['a call before any settings', Buffer.concat([PREFACE, callHeaders(1)])],
  ['a frame that is too large', Buffer.concat([PREFACE, SETTINGS, Buffer.from('ffffff000000000001', 'hex')])],
  ['a body for no call', Buffer.concat([PREFACE, SETTINGS, messageData(1, ONE)])],
  ['a call with an even number', Buffer.concat([PREFACE, SETTINGS, callHeaders(2)])],
  [
    'headers that cannot be decoded',
    Buffer.concat([
      PREFACE,
      SETTINGS,
      frame(Type.headers, Flag.endHeaders, 1, Buffer.from('ffffffffff', 'hex')),
    ]),
  ],
  [
    'a window that overflows',
    Buffer.concat([PREFACE, SETTINGS, frame(Type.windowUpdate, 0, 0, word(0x7fffffff))]),
  ],
  [
    'more than the window',
    Buffer.concat([
      PREFACE,
      SETTINGS,
      callHeaders(1),
      times(500, () => frame(Type.data, 0, 1, Buffer.alloc(16_384))),
    ]),
  ],
] as const) {
  test(`${name} ends the connection`, async t => {
    const opened = await openDoor(t, () => recordingOnly, {});
    const client = new RawClient(t, opened.door.url).write(bytes);
    client.socket.on('end', () => client.socket.end());
    await client.closed;
    opened.door.serve(echo);
    await assertServed(t, opened);
  });
}

/** Takes whatever comes, and releases nothing. */
const recordingOnly = { message: () => undefined, ended: () => undefined, cancelled: () => undefined };

for (const [name, bytes] of [
  ['says nothing', Buffer.alloc(0)],
  ['says half a greeting', PREFACE.subarray(0, 10)],
  ['says no settings', PREFACE],
  ['goes on with HTTP/1', Buffer.from('POST / HTTP/1.1\r\n')],
] as const) {
  test(`a client that ${name} is closed after its time`, async t => {
    const { door } = await openDoor(t, echo, { handshakeMs: 50 });
    const client = new RawClient(t, door.url).write(bytes);
    await client.closed;
  });
}

test('a connection without calls is closed after its time, with a word', async t => {
  const opened = await openDoor(t, echo, { idleMs: 100 });
  const client = new RawClient(t, opened.door.url).greet().write(callHeaders(1), messageData(1, ONE));
  client.socket.on('end', () => client.socket.end());
  const goaway = await client.until(isGoaway);
  assert.deepEqual([goaway?.payload.readUInt32BE(0), goaway?.payload.readUInt32BE(4)], [1, 0]);
  await client.closed;
});

test('headers that stop halfway are no call, and end with their connection', async t => {
  const opened = await openDoor(t, echo, { idleMs: 100 });
  const client = new RawClient(t, opened.door.url).greet();
  client.socket.on('end', () => client.socket.end());
  client.write(frame(Type.headers, 0, 1, block([[':method', 'POST']])));
  await client.closed;
  await assertServed(t, opened);
});

test('a silent client is asked for a sign of life, and closed when it gives none', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler, { silentMs: 200 });
  const client = new RawClient(t, door.url).greet().write(callHeaders(1));
  const recorder = await next();
  assert.ok(await client.until(({ type, flags }) => type === Type.ping && flags === 0));
  await client.closed;
  await recorder.until(events => events.includes('cancelled'));
});

test('a silent client that gives a sign of life stays', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler, { silentMs: 200 });
  const alive = new RawClient(t, door.url).greet().write(callHeaders(1));
  const answers = setInterval(() => {
    const ping = alive.frames.findIndex(({ type, flags }) => type === Type.ping && flags === 0);
    if (ping === -1) return;
    alive.write(frame(Type.ping, Flag.ack, 0, alive.frames[ping]?.payload));
    alive.frames.splice(ping, 1);
  }, 5);
  t.after(() => clearInterval(answers));
  const { call } = await next();
  // As long as others need to be taken for dead, twice over.
  for (let round = 0; round < 2; round++)
    await new RawClient(t, door.url).greet().write(callHeaders(1)).closed;
  assert.equal(call.cancelled, false);
  call.finish(0, '');
  assert.ok(await alive.until(({ type }) => type === Type.headers));
});

test('a client that reads nothing is answered only as far as it could read', async t => {
  const opened = await openDoor(t, echo, { silentMs: 300 });
  const client = new RawClient(t, opened.door.url);
  client.socket.pause();
  client
    .greet()
    .write(
      times(50, index => Buffer.concat([callHeaders(id(index)), messageData(id(index), Buffer.alloc(9000))])),
    );
  for (let index = 50; index < 5000; index++)
    client.write(callHeaders(id(index)), messageData(id(index), Buffer.alloc(9000)));
  await assertServed(t, opened);
  await client.closed;
  assert.ok(opened.budget.peak < 5_000_000, `${opened.budget.peak} bytes were held`);
});

test('2,000 idle connections take little, and others are served beside them', async t => {
  const opened = await openDoor(t, echo);
  const before = process.memoryUsage().rss;
  const clients = Array.from({ length: 2000 }, () => new RawClient(t, opened.door.url).greet());
  await Promise.all(
    clients.map(client => client.until(({ type, flags }) => type === Type.settings && flags === 1)),
  );
  await assertServed(t, opened);
  const each = (process.memoryUsage().rss - before) / 2000;
  assert.ok(each < 100_000, `${each} bytes a connection, its client included`);
});

test('whatever bytes come, the next call is served', async t => {
  const opened = await openDoor(t, echo, { handshakeMs: 500, idleMs: 500 });
  const good = Buffer.concat([
    PREFACE,
    SETTINGS,
    callHeaders(1),
    messageData(1, ONE, 0),
    callHeaders(3),
    messageData(3, ONE),
  ]);
  const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 5 }),
      fc.nat(good.length),
      async (changes, end) => {
        const bytes = Buffer.from(good);
        for (const { at, byte } of changes) bytes[at] = byte;
        new RawClient(t, opened.door.url).write(bytes.subarray(0, end)).socket.end();
      },
    ),
    { numRuns: 300 },
  );
  await assertServed(t, opened);
});
