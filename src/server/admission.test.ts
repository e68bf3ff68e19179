import assert from 'node:assert/strict';
import test from 'node:test';
import { Admission } from './admission.ts';

test('as many predictions are taken as the limit says, and one more for each that is answered', () => {
  const admission = new Admission({ inFlight: 2, bodyBytes: 10 });
  const leave = admission.enter();
  admission.enter();
  assert.throws(() => admission.enter(), { code: 'overloaded' });
  assert.throws(() => admission.check(), /2 requests in flight/);
  leave();
  admission.enter();
});

test('bodies hold bytes until they are released', () => {
  const admission = new Admission({ inFlight: 1, bodyBytes: 10 });
  admission.hold(6);
  assert.throws(() => admission.hold(5), /10 bytes of request bodies/);
  admission.hold(4);
  admission.release(10);
  admission.hold(10);
});
