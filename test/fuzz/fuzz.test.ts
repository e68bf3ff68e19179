/** Every input that was kept, and a few new ones for each border: `npm run fuzz` takes as many as there is time for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Border } from './border.ts';
import { borders } from './borders/index.ts';
import { readCorpus } from './corpus.ts';
import { Fuzzer } from './fuzzer.ts';
import { take, takeOnce } from './pure/taking.ts';
import { goodFault } from './wire/good.ts';
import { wireBorders, wireNames } from './wire/layer.ts';
import { statusesIn } from './wire/reply.ts';
import { startServer } from './wire/server.ts';
import { stderrFault } from './wire/stderr.ts';
import { memoryFault } from './wire/usage.ts';

/** A fixed one, so that the test says the same each time. */
const SEED = 1;
const INPUTS = 300;

for (const border of borders) {
  const corpus = readCorpus(border.name);

  test(`${border.name} keeps its promise on the ${corpus.length} inputs that were kept`, async () => {
    assert(corpus.length > 0, 'there is no corpus');
    for (const one of corpus) assert.equal((await take(border, one)).problem, undefined, one.file);
  });

  test(`${border.name} keeps its promise on ${INPUTS} new inputs`, async () => {
    const fuzzer = new Fuzzer(border, corpus, SEED);
    for (let left = INPUTS; left > 0; left--) {
      const made = fuzzer.next();
      const { round, one } = made;
      const { words, problem, ms } = await take(border, one);
      assert.equal(
        problem,
        undefined,
        `round ${round}: ${one.head}: ${JSON.stringify(one.body.toString('latin1'))}`,
      );
      fuzzer.learn(made, words ?? '', ms);
    }
    assert(
      fuzzer.tally.outcomes.size > 3,
      `all that came of them was ${[...fuzzer.tally.outcomes.keys()].join(', ')}`,
    );
  });
}

/** Of those that were kept over sockets. */
const kept = wireNames.flatMap(name => readCorpus(name).map(one => ({ name, one })));

test(`a server keeps its promise on the ${kept.length} inputs that were kept, and goes on`, async t => {
  assert(kept.length > 0, 'there is no corpus');
  const server = await startServer();
  t.after(() => server.stop());
  const all = wireBorders(server);
  t.after(() => all.forEach(border => border.close?.()));
  const takeNext = async (): Promise<void> => {
    for (let next = kept.pop(); next !== undefined; next = kept.pop()) {
      const border = all.find(({ name }) => name === next?.name);
      assert(border !== undefined, `there is no border '${next.name}'`);
      assert.equal((await takeOnce(border, next.one)).problem, undefined, `${next.name}/${next.one.file}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, takeNext));
  assert.equal(await goodFault(server.httpPort, server.grpcPort), undefined);
  assert.equal(stderrFault(server.program.stderr()), undefined);
  assert.equal(await server.stop(), 0);
});

test('the same seed and corpus make the same inputs, and another seed makes others', () => {
  const [border] = borders as [Border];
  const inputs = (seed: number): string[] => {
    const fuzzer = new Fuzzer(border, readCorpus(border.name), seed);
    return Array.from({ length: 20 }, () => fuzzer.next().one.body.toString('latin1'));
  };
  assert.deepEqual(inputs(3), inputs(3));
  assert.notDeepEqual(inputs(3), inputs(4));
});

test('a border that breaks its promise is told', async () => {
  const broken: Border = {
    name: 'broken',
    make: () => ({ head: '', body: Buffer.alloc(0) }),
    change: known => known,
    take: () => {
      throw new RangeError('out of range');
    },
  };
  assert.match(
    (await take(broken, broken.make(undefined as never))).problem ?? '',
    /RangeError: out of range/,
  );
});

for (const [name, text, isFault] of [
  [
    'an answer to what there is not',
    '{"level":"error","message":"request failed","code":"feature_missing"}',
    false,
  ],
  ['a warning', '{"level":"warn","message":"slow"}', false],
  ['a fault of our own', '{"level":"error","message":"request failed","code":"internal"}', true],
  ['a stack', '{"level":"warn","message":"slow"}\n    at main (file.ts:1:1)', true],
  ['an object that is no log line', '{}', true],
] as const) {
  test(`${name} on stderr is ${isFault ? 'told' : 'passed over'}`, () => {
    assert.equal(stderrFault(`${text}\n`) !== undefined, isFault);
  });
}

test('an answer of 500, one without a reason, and one that is no HTTP are told', () => {
  const answer = (status: number, body: string): Buffer =>
    Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const good = Buffer.concat([answer(200, '{}'), answer(404, '{"error":"no"}'), answer(503, '')]);
  assert.deepEqual(statusesIn(good), [200, 404, 503]);
  assert.throws(() => statusesIn(answer(500, '{"error":"no"}')), /answered 500/);
  assert.throws(() => statusesIn(answer(400, '{}')), /no reason/);
  assert.throws(() => statusesIn(Buffer.from('SSH-2.0\r\n\r\n')), /no HTTP/);
});

test('memory that grows and grows is told, and memory that fills up is not', () => {
  const samples = (of: (index: number) => number): number[] =>
    Array.from({ length: 100 }, (_, index) => of(index));
  assert.match(memoryFault(samples(index => 100 + 3 * index)) ?? '', /does not level off/);
  assert.equal(memoryFault(samples(index => 100 + Math.min(100, 10 * index))), undefined);
  assert.match(memoryFault([100, 700]) ?? '', /held 700 MiB/);
});
