/** Where models come to run, and why. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Found, placementOf, SlowRuns, trialPlace } from './placement.ts';
import { type ModelSettings, usualSettings } from './settings.ts';

const GIB = 2 ** 30;
const machine = { cores: 8, memory: 16 * GIB };
const settings = (some: Partial<ModelSettings> = {}): ModelSettings => ({ ...usualSettings, ...some });
const quick: Found = {
  bytes: 30_000,
  measured: [
    { rows: 1, ms: 0.05 },
    { rows: 64, ms: 0.2 },
  ],
  place: 'inline',
};

const places: readonly {
  name: string;
  found?: Partial<Found>;
  settings?: Partial<ModelSettings>;
  place: 'inline' | 'threads';
  because: RegExp;
}[] = [
  { name: 'a quick model', place: 'inline', because: /^1 row takes 0\.05 ms, 64 rows take 0\.2 ms$/ },
  {
    name: 'a model of 25 ms a row',
    found: { measured: [{ rows: 1, ms: 25 }] },
    place: 'threads',
    because: /^1 row takes 25 ms, more than 1 ms$/,
  },
  {
    name: 'a model that is slow only with a full batch',
    found: {
      measured: [
        { rows: 1, ms: 0.5 },
        { rows: 64, ms: 12.3 },
      ],
    },
    place: 'threads',
    because: /^64 rows take 12 ms, more than 5 ms$/,
  },
  {
    name: 'a quick model that takes long to build',
    found: { buildMs: 180 },
    place: 'threads',
    because: /^its session takes 180 ms to build$/,
  },
  {
    name: 'a model that could not be measured, tried in threads',
    found: { measured: [], place: 'threads' },
    place: 'threads',
    because: /^it answered to nothing that could be measured$/,
  },
  {
    name: 'a slow model that is asked onto the event loop',
    found: { measured: [{ rows: 1, ms: 25 }] },
    settings: { place: 'inline' },
    place: 'inline',
    because: /^it was asked for$/,
  },
  {
    name: 'a quick model that is asked into threads',
    settings: { place: 'threads' },
    place: 'threads',
    because: /^it was asked for$/,
  },
  {
    name: 'a quick model on a GPU',
    settings: { provider: 'cuda', place: 'inline' },
    place: 'threads',
    because: /^the provider cuda runs in threads$/,
  },
];
for (const { name, found, settings: some, place, because } of places) {
  test(`${name} runs ${place === 'inline' ? 'on the event loop' : 'in threads'}, and says why`, () => {
    const placement = placementOf(settings(some), { ...quick, ...found }, machine);
    assert.equal(placement.place, place);
    assert.match(placement.because, because);
  });
}

const instances: readonly {
  name: string;
  some?: Partial<ModelSettings>;
  bytes?: number;
  cores?: number;
  count: number;
}[] = [
  { name: 'one thread for each core', cores: 2, count: 2 },
  { name: 'no more than four of itself', count: 4 },
  { name: 'as many as are asked for', some: { instances: 7 }, count: 7 },
  { name: 'cores for the threads of each inference', some: { threads: 4 }, count: 2 },
  { name: 'one, if an inference takes more threads than there are cores', some: { threads: 16 }, count: 1 },
  { name: 'copies in a quarter of the memory', bytes: 1.9 * GIB, count: 2 },
  { name: 'one, however large it is', bytes: 40 * GIB, count: 1 },
  { name: 'one for a GPU', some: { provider: 'cuda' }, count: 1 },
];
for (const { name, some, bytes = 1000, cores = 8, count } of instances) {
  test(`a model in threads has ${name}`, () => {
    const found = { ...quick, bytes };
    const placement = placementOf(settings({ place: 'threads', ...some }), found, { ...machine, cores });
    assert.equal(placement.instances, count);
  });
}

const trials = [
  { name: 'a small file at the start', bytes: 30_000, serving: false, place: 'inline' },
  { name: 'a small file while others are served', bytes: 30_000, serving: true, place: 'threads' },
  { name: 'a large file', bytes: 2_000_000, serving: false, place: 'threads' },
] as const;
for (const { name, bytes, serving, place } of trials) {
  test(`${name} is tried ${place === 'inline' ? 'on the event loop' : 'in a thread'}`, () => {
    assert.equal(trialPlace(settings(), bytes, serving), place);
  });
}

test('what was asked for is tried there', () => {
  assert.equal(trialPlace(settings({ place: 'threads' }), 10, false), 'threads');
  assert.equal(trialPlace(settings({ place: 'inline' }), 1e9, true), 'inline');
  assert.equal(trialPlace(settings({ provider: 'coreml' }), 10, false), 'threads');
});

/** After how many of these runs there are too many slow ones; undefined for never. */
function slowAfter(runs: readonly number[]): number | undefined {
  const slow = new SlowRuns();
  const at = runs.findIndex(ms => slow.add(ms));
  return at === -1 ? undefined : at + 1;
}

const sequences: readonly { name: string; runs: readonly number[]; after: number | undefined }[] = [
  { name: 'two runs of 25 ms', runs: [25, 25], after: 2 },
  { name: 'six of 4 ms', runs: Array.from({ length: 10 }, () => 4), after: 6 },
  { name: 'any number just under 4 ms', runs: Array.from({ length: 1000 }, () => 3.9), after: undefined },
  {
    name: 'one pause of a second',
    runs: [0.1, 1000, ...Array.from({ length: 100 }, () => 0.1)],
    after: undefined,
  },
  {
    name: 'a pause of 50 ms in each 32 runs',
    runs: Array.from({ length: 3200 }, (_, index) => (index % 32 === 0 ? 50 : 0.1)),
    after: undefined,
  },
];
for (const { name, runs, after } of sequences) {
  test(`${name}: the model ${after === undefined ? 'stays' : `leaves after ${after}`}`, () => {
    assert.equal(slowAfter(runs), after);
  });
}

test('only the last 32 runs count', () => {
  const runs = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 100 });
  fc.assert(
    fc.property(runs, taken => {
      const slow = new SlowRuns();
      const said = taken.map(ms => slow.add(ms)).at(-1) ?? false;
      const counts = taken.slice(-32).map(ms => Math.min(3, Math.floor(ms / 4)));
      assert.equal(said, counts.reduce((sum, count) => sum + count, 0) >= 6);
    }),
  );
});
