import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { follow, watchText } from './watch-file.ts';

/** A text that the test edits, and whose loading and applying end when the test says so. */
class Desk {
  text = 'first';
  readonly loading = new Map<string, PromiseWithResolvers<string>>();
  readonly applying = new Map<string, PromiseWithResolvers<void>>();
  /** What was put in force, in order. */
  readonly applied: string[] = [];
  readonly words: string[] = [];
  readonly look = follow<string>({
    seen: 'first',
    read: async () => this.text,
    load: text => {
      const load = Promise.withResolvers<string>();
      this.loading.set(text, load);
      return load.promise.finally(() => this.loading.delete(text));
    },
    apply: text => {
      const apply = Promise.withResolvers<void>();
      this.applied.push(text);
      this.applying.set(text, apply);
      return apply.promise;
    },
    applied: () => this.words.push('applied'),
    failed: error => this.words.push(String(error)),
  });

  async edit(text: string): Promise<void> {
    this.text = text;
    this.look();
    await setImmediate();
  }

  async loaded(text: string): Promise<void> {
    this.loading.get(text)?.resolve(text);
    await setImmediate();
  }
}

test('a text that loads slowly does not overtake a newer one', async () => {
  const desk = new Desk();
  await desk.edit('slow');
  await desk.edit('quick');
  assert.deepEqual([...desk.loading.keys()], ['slow']);
  await desk.loaded('slow');
  await desk.loaded('quick');
  assert.deepEqual(desk.applied, ['slow', 'quick']);
});

test('of several edits while one loads only the newest is loaded', async () => {
  const desk = new Desk();
  for (const text of ['a', 'b', 'c', 'd']) await desk.edit(text);
  await desk.loaded('a');
  await desk.loaded('d');
  assert.deepEqual(desk.applied, ['a', 'd']);
});

test('a text that is being applied holds up no newer one, and is told of no more', async () => {
  const desk = new Desk();
  for (const text of ['hangs', 'mends']) {
    await desk.edit(text);
    await desk.loaded(text);
  }
  assert.deepEqual(desk.applied, ['hangs', 'mends']);
  desk.applying.get('hangs')?.reject(new Error('never ready'));
  desk.applying.get('mends')?.resolve();
  await setImmediate();
  assert.deepEqual(desk.words, ['applied']);
});

test('what is wrong with a text is told once, and the next one is followed', async () => {
  const desk = new Desk();
  await desk.edit('bad');
  desk.loading.get('bad')?.reject(new Error('a fault'));
  await setImmediate();
  await desk.edit('bad');
  await desk.edit('good');
  await desk.loaded('good');
  desk.applying.get('good')?.resolve();
  await setImmediate();
  assert.deepEqual(desk.words, ['Error: a fault', 'applied']);
});

test('a text that is in force already is not applied', async () => {
  const desk = new Desk();
  await desk.edit('first');
  assert.equal(desk.loading.size, 0);
});

test('whatever the order of edits and loads, what is applied last is the newest text', async () => {
  const step = fc.oneof(fc.record({ edit: fc.constantFrom('a', 'b', 'c') }), fc.constant('loaded' as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step), async steps => {
      const desk = new Desk();
      const finish = async (): Promise<void> => {
        assert.ok(desk.loading.size <= 1);
        for (const text of desk.loading.keys()) await desk.loaded(text);
      };
      for (const one of steps) await (one === 'loaded' ? finish() : desk.edit(one.edit));
      while (desk.loading.size > 0) await finish();
      assert.equal(desk.applied.at(-1) ?? 'first', desk.text);
    }),
  );
});

test('a file that is saved is followed until the watch ends', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-watch-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'a.yaml');
  writeFileSync(path, 'one');
  const saved = Promise.withResolvers<string>();
  const stop = watchText<string>(path, {
    seen: 'one',
    read: () => readFile(path, 'utf8'),
    load: async text => text,
    apply: async text => saved.resolve(text),
    applied: () => undefined,
    failed: saved.reject,
  });
  t.after(stop);
  writeFileSync(path, 'two');
  AbortSignal.timeout(10_000).addEventListener('abort', () =>
    saved.reject(new Error('not seen within 10 s')),
  );
  assert.equal(await saved.promise, 'two');
});
