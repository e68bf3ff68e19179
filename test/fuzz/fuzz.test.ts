/** Every input that was kept, and a few new ones for each border: `npm run fuzz` takes as many as there is time for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Border } from './border.ts';
import { borders } from './borders/index.ts';
import { readCorpus } from './corpus.ts';
import { Fuzzer } from './fuzzer.ts';
import { take } from './pure/taking.ts';

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
      const { round, one } = fuzzer.next();
      const { words, problem } = await take(border, one);
      assert.equal(
        problem,
        undefined,
        `round ${round}: ${one.head}: ${JSON.stringify(one.body.toString('latin1'))}`,
      );
      fuzzer.learn(one, words ?? '');
    }
    assert(
      fuzzer.tally.outcomes.size > 3,
      `all that came of them was ${[...fuzzer.tally.outcomes.keys()].join(', ')}`,
    );
  });
}

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
