import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { FoundModel } from './found.ts';
import type { ModelToServe } from './io/load.ts';
import { type Change, isSame, plan } from './plan.ts';

const version = (name: string, number: string, more: Partial<ModelToServe> = {}): ModelToServe => ({
  name,
  version: number,
  path: `/models/${name}/${number}/model.onnx`,
  ...more,
});

const found = (name: string, versions: readonly ModelToServe[], labels: FoundModel['labels'] = []) => ({
  name,
  versions,
  labels,
});

const numbers = (ones: readonly ModelToServe[]): string[] => ones.map(one => one.version);

const outline = ({ load, unload, keep }: Change) => ({
  load: numbers(load),
  unload: numbers(unload),
  keep: numbers(keep),
});

const cases: readonly {
  title: string;
  before: readonly ModelToServe[];
  after: readonly ModelToServe[];
  change: ReturnType<typeof outline> | undefined;
}[] = [
  {
    title: 'a version that is new is loaded beside the others',
    before: [version('m', '1')],
    after: [version('m', '1'), version('m', '2')],
    change: { load: ['2'], unload: [], keep: ['1'] },
  },
  {
    title: 'a version that is gone is unloaded',
    before: [version('m', '1'), version('m', '2')],
    after: [version('m', '2')],
    change: { load: [], unload: ['1'], keep: ['2'] },
  },
  {
    title: 'a name that is gone is unloaded whole',
    before: [version('m', '1'), version('m', '2')],
    after: [],
    change: { load: [], unload: ['1', '2'], keep: [] },
  },
  {
    title: 'a file that changed is loaded anew',
    before: [version('m', '1', { identity: 'sha256:a' })],
    after: [version('m', '1', { identity: 'sha256:b' })],
    change: { load: ['1'], unload: [], keep: [] },
  },
  {
    title: 'a version that lies elsewhere is loaded anew',
    before: [version('m', '1')],
    after: [version('m', '1', { path: '/elsewhere' })],
    change: { load: ['1'], unload: [], keep: [] },
  },
  {
    title: 'a version with other settings is loaded anew',
    before: [version('m', '1', { settings: { maxRows: 4, share: 2 } })],
    after: [version('m', '1', { settings: { maxRows: 8, share: 2 } })],
    change: { load: ['1'], unload: [], keep: [] },
  },
  {
    title: 'settings in another order are the same',
    before: [version('m', '1', { settings: { maxRows: 4, queue: { rows: 1, bytes: 2 } } })],
    after: [version('m', '1', { settings: { queue: { bytes: 2, rows: 1 }, maxRows: 4 } })],
    change: undefined,
  },
];

for (const { title, before, after, change } of cases) {
  test(title, () => {
    const [one, more] = plan([found('m', after)], [found('m', before)]);
    assert.deepEqual(one && outline(one), change);
    assert.equal(more, undefined);
  });
}

test('a label that moves is told, and nothing is loaded for it', () => {
  const versions = [version('m', '1'), version('m', '2')];
  const label = (number: string) => [{ name: 'm', version: number, label: 'stable' }];
  const [change] = plan([found('m', versions, label('2'))], [found('m', versions, label('1'))]);
  assert.deepEqual(change?.relabel, label('2'));
  assert.deepEqual([change?.load, change?.unload], [[], []]);
});

const models = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      version: fc.constantFrom('1', '2', '3', 'x'),
      identity: fc.constantFrom('i', 'j'),
      settings: fc.constantFrom({}, { maxRows: 1 }),
    }),
    { selector: one => `${one.name} ${one.version}` },
  )
  .map(ones => {
    const all = ones.map(one => version(one.name, one.version, one));
    return [...Map.groupBy(all, one => one.name)].map(([name, versions]) => found(name, versions));
  });

/** The versions of a name once its change is made. */
function comesTo(wanted: FoundModel, present: readonly FoundModel[]): readonly ModelToServe[] {
  const change = plan([wanted], present).find(one => one.name === wanted.name);
  if (change !== undefined) return [...change.keep, ...change.load];
  return present.find(one => one.name === wanted.name)?.versions ?? [];
}

test('what a plan keeps and loads is what is wanted', () => {
  fc.assert(
    fc.property(models, models, (wanted, present) => {
      for (const one of wanted)
        assert.deepEqual(numbers(comesTo(one, present)).toSorted(), numbers(one.versions).toSorted());
    }),
  );
});

test('what a plan unloads is there and not wanted, and what it keeps is there and as it was', () => {
  fc.assert(
    fc.property(models, models, (wanted, present) => {
      const all = (list: readonly FoundModel[], name: string) =>
        list.find(one => one.name === name)?.versions ?? [];
      for (const { name, keep, unload } of plan(wanted, present)) {
        const old = all(present, name);
        assert(unload.every(one => old.includes(one) && !numbers(all(wanted, name)).includes(one.version)));
        assert(keep.every(one => old.includes(one) && all(wanted, name).some(other => isSame(one, other))));
      }
    }),
  );
});

test('what was just brought about needs no change', () => {
  fc.assert(fc.property(models, wanted => assert.deepEqual(plan(wanted, wanted), [])));
});
