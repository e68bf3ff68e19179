import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { failure, noTracer } from '#base';
import { RunNote } from '../batching/run-note.ts';
import type { ServedModel } from '../models/signature.ts';
import { Observation } from './observation.ts';
import { secondsByStage } from './stages.ts';

const model: ServedModel = {
  name: 'm',
  version: '1',
  platform: 'onnxruntime_onnxv1',
  signature: { inputs: [], outputs: [], batched: true },
};

/** A prediction with so many runs before its last one, which came so many steps of its way, each of which took so long. */
function observed({ runs, far, took }: { runs: number; far: number; took: readonly number[] }) {
  let now = 0;
  let step = 0;
  const pass = (): number => (now += took[step++ % took.length] ?? 0);
  const clock = { now: () => now, date: () => new Date(0) };
  const [parent, context, client, texts] = [undefined, undefined, undefined, undefined];
  const seen = new Observation({ clock, tracer: noTracer, since: 0, parent, context, client, texts });
  const run = (ends: boolean): void => {
    const note = new RunNote({ begun: pass(), requests: 1, rows: 1, flush: 'full', place: 'inline' });
    seen.joined(note);
    if (ends) Object.assign(note, { joined: pass(), ran: pass(), split: pass() });
  };
  const way = [
    () => seen.bodyCame(),
    () => seen.inputsRead(model, { inputs: [], rows: 1 }),
    ...Array.from({ length: runs }, () => () => run(true)),
    () => run(far > runs + 3),
    () => seen.outputsCame(model, []),
    () => seen.answerWritten(),
  ];
  for (const go of way.slice(0, far)) {
    pass();
    go();
  }
  if (far < way.length) {
    pass();
    seen.settle('server_error', failure('draining', {}));
  } else seen.settle('success');
  return { seen, closed: pass() };
}

test('what the stages took is all the time that there was, however far a prediction came', () => {
  const took = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.nat(5), fc.nat(11), took, (runs, far, each) => {
      const { seen, closed } = observed({ runs, far, took: each });
      const parts = Object.values(secondsByStage(seen, closed));
      const sum = parts.reduce((total, part) => total + part, 0);
      assert.ok(Math.abs(sum - closed / 1000) < 1e-5, `${sum} of ${closed / 1000}`);
      assert.ok(parts.every(part => part >= 0));
    }),
  );
});
