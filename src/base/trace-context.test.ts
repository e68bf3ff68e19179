import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { traceContextOf, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const PARENT = `00-${TRACE}-${SPAN}-01`;

const parents: readonly { name: string; text: string; flags: number | undefined }[] = [
  { name: 'the example of the standard', text: PARENT, flags: 1 },
  { name: 'one that is not recorded', text: `00-${TRACE}-${SPAN}-00`, flags: 0 },
  { name: 'flags that are not known, which are left out', text: `00-${TRACE}-${SPAN}-ff`, flags: 3 },
  { name: 'a later version', text: `cc-${TRACE}-${SPAN}-01`, flags: 1 },
  { name: 'a later version that says more', text: `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, flags: 1 },
  {
    name: 'a later version that goes on without a dash',
    text: `cc-${TRACE}-${SPAN}-01.what`,
    flags: undefined,
  },
  { name: 'version 00 that says more', text: `${PARENT}-more`, flags: undefined },
  { name: 'the version that means nothing', text: `ff-${TRACE}-${SPAN}-01`, flags: undefined },
  { name: 'upper case', text: PARENT.toUpperCase(), flags: undefined },
  { name: 'a trace of zeros', text: `00-${'0'.repeat(32)}-${SPAN}-01`, flags: undefined },
  { name: 'a span of zeros', text: `00-${TRACE}-${'0'.repeat(16)}-01`, flags: undefined },
  { name: 'an id that is too short', text: `00-${TRACE.slice(1)}-${SPAN}-01`, flags: undefined },
  { name: 'a digit that is none', text: `00-${TRACE.slice(1)}g-${SPAN}-01`, flags: undefined },
  { name: 'white space around it', text: ` ${PARENT}`, flags: undefined },
  { name: 'a line behind it', text: `${PARENT}\n`, flags: undefined },
  { name: 'two of them in a list', text: `${PARENT}, ${PARENT}`, flags: undefined },
  { name: 'nothing', text: '', flags: undefined },
];

for (const { name, text, flags } of parents) {
  test(`a traceparent is ${flags === undefined ? 'ignored' : 'taken'}: ${name}`, () => {
    const context = traceContextOf(text);
    if (flags === undefined) assert.equal(context, undefined);
    else assert.deepEqual(context, { traceId: TRACE, spanId: SPAN, flags, state: '' });
  });
}

const long = (key: string, length: number): string => `${key}=${'x'.repeat(length)}`;

const states: readonly { name: string; text: unknown; state: string }[] = [
  { name: 'one member', text: 'rojo=00f067aa0ba902b7', state: 'rojo=00f067aa0ba902b7' },
  { name: 'white space and empty members', text: ' a=1 ,\t,b=2,', state: 'a=1,b=2' },
  { name: 'a tenant', text: 'fw529a3039@dt=FfAAAAAB', state: 'fw529a3039@dt=FfAAAAAB' },
  { name: 'a value with spaces inside', text: 'a=x y', state: 'a=x y' },
  { name: 'a key twice, which makes all of it nothing', text: 'a=1,b=2,a=3', state: '' },
  { name: 'a key in upper case', text: 'A=1', state: '' },
  { name: 'no value', text: 'a=', state: '' },
  { name: 'an equals sign in a value', text: 'a=b=c', state: '' },
  { name: 'a character that is not ASCII', text: 'a=é', state: '' },
  { name: 'no text', text: undefined, state: '' },
  {
    name: '32 members',
    text: Array.from({ length: 32 }, (_, at) => `k${at}=v`).join(),
    state: Array.from({ length: 32 }, (_, at) => `k${at}=v`).join(),
  },
  { name: '33 members', text: Array.from({ length: 33 }, (_, at) => `k${at}=v`).join(), state: '' },
  {
    name: 'too long: the long member goes first',
    text: `a=1,${long('b', 200)},${long('c', 100)},${long('d', 100)},${long('e', 100)},${long('f', 100)}`,
    state: `a=1,${long('c', 100)},${long('d', 100)},${long('e', 100)},${long('f', 100)}`,
  },
  {
    name: 'too long without a long member: the last ones go',
    text: ['a', 'b', 'c', 'd', 'e', 'f'].map(key => long(key, 98)).join(),
    state: ['a', 'b', 'c', 'd', 'e'].map(key => long(key, 98)).join(),
  },
];

for (const { name, text, state } of states) {
  test(`a tracestate: ${name}`, () => assert.equal(traceContextOf(PARENT, text)?.state, state));
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: length, maxLength: length })
    .map(digits => digits.join(''))
    .filter(text => /[^0]/.test(text));

test('what is written is read back as it was', () => {
  const context = fc.record(
    {
      traceId: hex(32),
      spanId: hex(16),
      flags: fc.integer({ min: 0, max: 3 }),
      state: fc.constantFrom('', 'a=1', 'a=1,b@c=2'),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(context, one => assert.deepEqual(traceContextOf(traceparentOf(one), one.state), one)),
  );
});

test('whatever comes is either ignored or passed on well formed and bounded', () => {
  const digits = fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[a-z]{0,5})?$/);
  const members = fc.array(fc.stringMatching(/^[a-z]{1,3}=[ -~]{1,150}$/), { maxLength: 40 });
  const state = fc.oneof(
    fc.string({ unit: 'binary' }),
    members.map(all => all.join()),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), digits), state, (parent, text) => {
      const context = traceContextOf(parent, text);
      if (context === undefined) return;
      assert.match(traceparentOf(context), /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
      assert.ok(context.state.length <= 512 && /^[\x20-\x7e]*$/.test(context.state));
      assert.equal(traceContextOf(traceparentOf(context), context.state)?.state, context.state);
    }),
  );
});
