import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '#base';
import { identityModel, modelFile } from '../fixtures/onnx-file.ts';
import { usualSettings } from '../models/settings.ts';
import { onnxRuntime } from '../runtimes/io/onnx.ts';
import type { Runtime } from '../runtimes/port.ts';
import { ModelServer } from './server.ts';

/** Its models are never done with closing, as one whose run hangs in native code. */
const lasting: Runtime = {
  ...onnxRuntime,
  load: async (path, options) => {
    const model = await onnxRuntime.load(path, options);
    const { place, signature, width } = model;
    return { place, signature, width, run: inputs => model.run(inputs), close: () => new Promise(() => {}) };
  },
};

test('a server is closed when its grace is over, whatever is not', { timeout: 10_000 }, async t => {
  const server = new ModelServer(
    {
      models: [{ name: 'm', version: '1', path: modelFile(t, identityModel(1, ['N', 2])) }],
      host: '127.0.0.1',
      port: 0,
      settings: { ...usualSettings, place: 'inline' },
      maxBody: 1_000_000,
      maxInFlight: 64,
      requestTimeMs: 5000,
      drainDelayMs: 0,
      graceMs: 100,
    },
    {
      clock: systemClock,
      logger: { enabled: () => false, log: () => {} },
      runtime: lasting,
      idPrefix: 'test',
      identity: { name: 'fairlead', version: '0' },
      sleep: ms => setTimeout(ms, undefined, { ref: false }),
    },
  );
  await server.listen();
  await server.load();
  await assert.doesNotReject(server.close());
});
