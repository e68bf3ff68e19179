import assert from 'node:assert/strict';
import test from 'node:test';
import type { Engine } from '../batching/port.ts';
import type { LoadedModel } from '../runtimes/port.ts';
import { RunningModel } from './running.ts';
import { usualSettings } from './settings.ts';

interface Bench {
  readonly running: RunningModel;
  /** What was closed, in order. */
  readonly closed: readonly string[];
  /** Lets what runs on it come to its end. */
  readonly end: () => void;
}

/** A model with a run under way. */
function bench(): Bench {
  const closed: string[] = [];
  const run = Promise.withResolvers<void>();
  const signature = { inputs: [], outputs: [], batched: false };
  const close = async (): Promise<void> => void closed.push('model');
  const model: LoadedModel = { place: 'threads', width: 1, signature, run: async () => [], close };
  const executor: Engine = {
    submit: () => assert.fail(),
    idle: () => run.promise,
    close: () => void closed.push('executor'),
  };
  const identity = { name: 'm', version: '1', platform: 'p', signature, shapes: [] };
  const running = new RunningModel({
    ...identity,
    executor,
    model,
    settings: usualSettings,
    statistics: undefined as never,
    metrics: undefined as never,
  });
  return { running, closed, end: run.resolve };
}

test('a model that retires is closed once nobody uses it and nothing runs on it', async () => {
  const { running, closed, end } = bench();
  running.enter();
  const retired = running.retire();
  running.leave();
  await new Promise(setImmediate);
  assert.deepEqual(closed, []);
  end();
  await retired;
  await running.close();
  assert.deepEqual(closed, ['executor', 'model']);
});

test('a model that retires is closed at once where the server does not wait for its runs', {
  timeout: 5000,
}, async () => {
  const { running, closed, end } = bench();
  running.enter();
  const retired = running.retire();
  await running.close();
  assert.deepEqual(closed, ['executor', 'model']);
  running.leave();
  end();
  await retired;
  assert.deepEqual(closed, ['executor', 'model']);
});
