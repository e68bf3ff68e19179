import assert from 'node:assert/strict';
import test from 'node:test';
import { Admission, type Holder } from './admission.ts';

test('as many predictions are taken as the limit says, and one more for each that is answered', () => {
  const model = { inFlight: 0 };
  const admission = new Admission({ inFlight: 2, bodyBytes: 10 });
  const leave = admission.enter(model);
  admission.enter(model);
  assert.throws(() => admission.enter(model), { code: 'overloaded' });
  assert.throws(() => admission.check(model), /2 requests in flight/);
  leave();
  admission.enter(model);
});

test('bodies hold bytes until they are released', () => {
  const admission = new Admission({ inFlight: 1, bodyBytes: 10 });
  admission.hold(6);
  assert.throws(() => admission.hold(5), /10 bytes of request bodies/);
  admission.hold(4);
  admission.release(10);
  admission.hold(10);
});

/** Takes on as many predictions of a model as it may have. */
function fill(admission: Admission, model: Holder): number {
  for (;;) {
    try {
      admission.enter(model);
    } catch {
      return model.inFlight;
    }
  }
}

test('however much comes for one of several models, there is room for the others', () => {
  const admission = new Admission({ inFlight: 100, bodyBytes: 1 }, () => true);
  const [greedy, other, third] = [{ inFlight: 0 }, { inFlight: 0 }, { inFlight: 0 }];
  assert.equal(fill(admission, greedy), 80);
  assert.throws(() => admission.enter(greedy), {
    code: 'overloaded',
    message: /80 of 100 requests in flight for one model/,
  });
  assert.equal(fill(admission, other), 16);
  assert(fill(admission, third) > 0);
});

test('a model that is alone may have all there is', () => {
  const admission = new Admission({ inFlight: 100, bodyBytes: 1 }, () => false);
  assert.equal(fill(admission, { inFlight: 0 }), 100);
});
