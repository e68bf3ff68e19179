/** The cases can fail: a server that says 200 to everything gets through next to none of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { every, Skip } from './case.ts';
import { Peer } from './peer.ts';
import { tableOf } from './report.ts';
import { cases, chosen, runCase } from './runner.ts';
import { readExact, textOf, verbatim } from './text.ts';

async function fake(t: TestContext, answer: RequestListener): Promise<Peer> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  await once(server, 'listening');
  return new Peer({ http: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** They ask for the status only, or for what an empty object has. */
const CONTENT_WITH_200 = [2, 3, 5, 139];

test('a server that answers {} to everything fails every case that asks for more', async t => {
  const peer = await fake(t, (request, response) => {
    request.resume();
    response.end('{}');
  });
  const asked = cases.filter(({ needs = [] }) => !needs.includes('own') && !needs.includes('grpc'));
  assert(asked.length > 100, 'hardly any case was asked');
  const passed: number[] = [];
  for (const one of asked) {
    // Whether it is well afterwards is another question, which would fail them all.
    const result = await one.run(peer).then(
      () => 'pass',
      () => 'fail',
    );
    if (result === 'pass') passed.push(one.id);
  }
  assert.deepEqual(passed, CONTENT_WITH_200);
});

test('a server that has stopped serving fails the case that did it', async t => {
  const peer = await fake(t, (_, response) => response.writeHead(503).end('{"error":"x"}'));
  const outcome = await runCase({ id: 0, title: 'nothing', run: async () => {} }, peer);
  assert.equal(outcome.result, 'fail');
  assert.match(outcome.reason, /does not live/);
});

test('a model or a place that is missing skips a case, with the reason', async t => {
  const peer = await fake(t, (_, response) => response.writeHead(404).end('{"error":"x"}'));
  const skipped = async (need: 'S' | 'grpc' | 'own'): Promise<string> => {
    const { result, reason } = await runCase({ id: 0, title: '', needs: [need], run: async () => {} }, peer);
    return `${result}: ${reason}`;
  };
  assert.equal(await skipped('S'), "skip: the server has no model 'simple'");
  assert.equal(await skipped('grpc'), 'skip: no gRPC address is given');
  assert.equal(await skipped('own'), 'skip: the case must start and stop the server itself');
});

test('every part of a case runs, and all faults are told', async () => {
  const bad = (text: string) => async () => Promise.reject(new Error(text));
  const skip = (text: string) => async () => Promise.reject(new Skip(text));
  const good = async (): Promise<void> => {};
  await assert.rejects(every({ a: bad('one'), b: good, c: bad('two') }), { message: 'a: one\nc: two' });
  assert.equal(await every({ a: good, b: skip('limit') }), 'b: limit');
  await assert.rejects(every({ a: skip('limit') }), { name: 'Skip' });
});

test('a list chooses cases, and what is no list is refused', () => {
  const ids = (list: string): number[] => chosen(list).map(({ id }) => id);
  assert.deepEqual(ids('14-16, 63'), [14, 15, 16, 63]);
  assert.throws(() => chosen('14-'), /'14-' is no case/);
});

test('the table has a line for each case, its reason below, and the sums', () => {
  const text = tableOf([
    { id: 7, title: 'a title', result: 'fail', reason: 'one\n\ntwo', ms: 1 },
    { id: 8, title: 'another', result: 'pass', reason: '', ms: 1 },
  ]);
  assert.equal(
    text,
    '   7  fail  a title\n           one\n           two\n   8  pass  another\n\n2 cases: 1 pass, 1 fail, 0 skipped\n',
  );
});

test('JSON is read as it was written, whatever is in it', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.double(),
    fc.bigInt({ min: 2n ** 53n }),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
    tree: fc.oneof(leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(fc.string(), tie('tree'))),
  }));
  fc.assert(
    fc.property(tree, value => {
      const written = textOf(numbersAsText(value));
      assert.deepEqual(textOf(numbersAsText(readExact(written))), written);
    }),
  );
});

/** Doubles as tokens, since JSON has none for NaN, and for -0. */
function numbersAsText(value: unknown): Parameters<typeof textOf>[0] {
  if (typeof value === 'number') return verbatim(Object.is(value, -0) ? '-0' : String(value));
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (typeof value !== 'object' || value === null) return value as string;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, numbersAsText(one)]));
}
