import assert from 'node:assert/strict';
import test from 'node:test';
import { Excuses, type Refusal } from './excuses.ts';

const refused: Refusal = { status: 429, text: 'it is full', model: 'chain', since: 1100, until: 1200 };

function afterBurst(): Excuses {
  const excuses = new Excuses();
  excuses.begin('overload', 1000, 'chain')(2000);
  return excuses;
}

const cases: readonly { name: string; refusal: Partial<Refusal>; is: string | undefined }[] = [
  { name: 'within a burst', refusal: {}, is: 'overload' },
  { name: 'that was asked before it', refusal: { since: 10, status: 504 }, is: 'overload' },
  { name: 'asked within a second of its end', refusal: { since: 2900, until: 3900 }, is: 'overload' },
  { name: 'that was asked later', refusal: { since: 3100, until: 3200 }, is: undefined },
  { name: 'that came before it', refusal: { since: 10, until: 900 }, is: undefined },
  { name: 'of another model', refusal: { model: 'digits' }, is: undefined },
  { name: 'that says that the server failed', refusal: { status: 500 }, is: undefined },
];

for (const { name, refusal, is } of cases) {
  test(`a refusal ${name} is ${is === undefined ? 'not ' : ''}excused`, () => {
    assert.equal(afterBurst().of({ ...refused, ...refusal }), is);
  });
}

test('the death of a thread excuses what says that it died of it, and nothing else', () => {
  const excuses = new Excuses();
  excuses.begin('thread killed', 0);
  const text = 'the worker thread that ran the model died: the soak ends this thread';
  assert.equal(excuses.of({ ...refused, status: 500, text }), 'thread killed');
  assert.equal(excuses.of({ ...refused, status: 500 }), undefined);
  assert.equal(excuses.of({ ...refused, status: 429, text }), undefined);
});

test('what has not ended goes on', () => {
  const excuses = new Excuses();
  excuses.begin('overload', 0);
  assert.equal(excuses.of({ ...refused, since: 9e6, until: 9e6 }), 'overload');
});

test('of very many only the latest are kept', () => {
  const excuses = new Excuses();
  for (let at = 0; at < 1000; at++) excuses.begin('overload', at * 10_000)(at * 10_000 + 1);
  const at = (since: number) => excuses.of({ ...refused, since, until: since });
  assert.equal(at(0), undefined);
  assert.equal(at(9_990_000), 'overload');
});
