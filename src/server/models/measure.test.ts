/** Measuring a model whose clock stands still but for its runs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { LoadedModel } from '../runtimes/port.ts';
import { measure } from './measure.ts';

/** A model whose runs take so long by their rows. */
function bench(msOf: (rows: number, run: number) => number): {
  model: LoadedModel;
  runs: number[];
  clock: { now: () => number; date: () => Date };
} {
  let now = 0;
  const runs: number[] = [];
  const spec = { name: 'x', datatype: 'FP32', shape: [-1, 2] } as const;
  const model: LoadedModel = {
    place: 'inline',
    width: 1,
    signature: { inputs: [spec], outputs: [spec], batched: true },
    async run(inputs) {
      const rows = inputs[0]?.shape[0] ?? 0;
      now += msOf(rows, runs.push(rows));
      return inputs;
    },
    close: async () => {},
  };
  return { model, runs, clock: { now: () => now, date: () => new Date(0) } };
}

const row = [{ datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) }] as const;

test('a quick model is measured with each power of two, and with the most rows', async () => {
  const { model, clock } = bench(rows => rows / 100);
  const measured = await measure(model, row, 0.01, { clock, maxRows: 24 });
  assert.deepEqual(
    measured.map(({ rows, ms }) => [rows, Number(ms.toFixed(6))]),
    [1, 2, 4, 8, 16, 24].map(rows => [rows, rows / 100]),
  );
});

test('the middle of three runs counts, whatever the first takes', async () => {
  const { model, clock } = bench((_, run) => (run === 1 ? 30 : run));
  assert.deepEqual(await measure(model, row, 1, { clock, maxRows: 1 }), [{ rows: 1, ms: 3 }]);
});

test('a slow model is not measured for longer than the time there is', async () => {
  const { model, clock, runs } = bench(rows => 25 * rows);
  const measured = await measure(model, row, 25, { clock, maxRows: 64 });
  assert.deepEqual(
    measured.map(({ rows }) => rows),
    [1, 2],
  );
  assert(clock.now() <= 300, `${clock.now()} ms`);
  assert(runs.length <= 6);
});

test('a very slow model is not run again', async () => {
  const { model, clock, runs } = bench(() => 5000);
  assert.deepEqual(await measure(model, row, 5000, { clock, maxRows: 64 }), [{ rows: 1, ms: 5000 }]);
  assert.deepEqual(runs, []);
});

test('rows that would fill the memory are not made up', async () => {
  const { model, clock, runs } = bench(() => 0.001);
  const large = [{ datatype: 'UINT8', shape: [1, 2 ** 24], data: new Uint8Array(2 ** 24) }] as const;
  await measure(model, large, 0.1, { clock, maxRows: 64 });
  assert.equal(Math.max(...runs), 2);
});
