import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { isRecorded, type Span, systemRandom, type TraceContext } from '#base';
import { SpanRecorder } from './span-recorder.ts';

interface Setting {
  readonly sample: number;
  readonly parentBased?: boolean;
  readonly clock?: { now(): number; date(): Date };
}

function recorder({
  sample,
  parentBased = true,
  clock = { now: () => 0, date: () => new Date(0) },
}: Setting) {
  const spans: Span[] = [];
  const made = new SpanRecorder(
    { sample, parentBased },
    { clock, random: systemRandom, offer: some => spans.push(...some) },
  );
  return { made, spans };
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length - 1}}1$`));

const parents: fc.Arbitrary<TraceContext> = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    flags: fc.integer({ min: 0, max: 3 }),
    state: fc.constantFrom('', 'a=1'),
  },
  { noNullPrototype: true },
);

test('a trace that began elsewhere goes on, recorded if and only if it is there', () => {
  fc.assert(
    fc.property(parents, fc.double({ min: 0, max: 1, noNaN: true }), (parent, sample) => {
      const context = recorder({ sample }).made.begin(parent);
      assert.deepEqual({ ...context, spanId: parent.spanId }, parent);
      assert.notEqual(context.spanId, parent.spanId);
    }),
  );
});

test('where the parent does not decide, all who sample a trace alike decide alike', () => {
  fc.assert(
    fc.property(parents, fc.double({ min: 0, max: 1, noNaN: true }), (parent, sample) => {
      const [a, b] = [1, 2].map(() => recorder({ sample, parentBased: false }).made.begin(parent));
      assert.equal(a?.flags, b?.flags);
      assert.equal(a?.traceId, parent.traceId);
    }),
  );
});

for (const sample of [0, 0.01, 0.3, 1]) {
  test(`of traces that begin here, a part of ${sample} is recorded`, () => {
    const { made } = recorder({ sample });
    const count = 20_000;
    const recorded = Array.from({ length: count }, () => made.begin(undefined)).filter(isRecorded).length;
    // Five deviations: once in a million runs.
    const deviation = Math.sqrt(count * sample * (1 - sample));
    assert.ok(Math.abs(recorded - count * sample) <= 5 * deviation, String(recorded));
  });
}

test('new ids are of the length that the standard wants, and none comes twice', () => {
  const { made } = recorder({ sample: 1 });
  const all = Array.from({ length: 1000 }, () => made.begin(undefined));
  for (const { traceId, spanId } of all) {
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.match(spanId, /^[0-9a-f]{16}$/);
  }
  assert.equal(new Set(all.flatMap(({ traceId, spanId }) => [traceId, spanId])).size, 2000);
});

test('spans are dated by the wall to less than a millisecond, also after it was set', () => {
  let now = 0;
  let wall = 1000.9;
  const clock = { now: () => now, date: () => new Date(Math.floor(wall)) };
  const { made, spans } = recorder({ sample: 1, clock });
  const context = made.begin(undefined);
  const record = (): number => {
    made.record([
      { context, parent: undefined, name: 'x', kind: 'internal', begun: now, ended: now + 1, attributes: {} },
    ]);
    return spans.at(-1)?.begun ?? 0;
  };
  for (let step = 0; step < 100; step++) {
    now += 0.37;
    wall += 0.37;
    record();
  }
  assert.ok(Math.abs(record() - wall) < 0.1, `${record()} is not ${wall}`);
  wall -= 5000;
  assert.ok(Math.abs(record() - wall) <= 1, `${record()} is not ${wall}`);
});

test('what is not recorded is not told', () => {
  const { made, spans } = recorder({ sample: 0 });
  const context = made.begin(undefined);
  made.record([
    { context, parent: undefined, name: 'x', kind: 'server', begun: 0, ended: 1, attributes: {} },
  ]);
  assert.deepEqual(spans, []);
});
