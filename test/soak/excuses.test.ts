import assert from 'node:assert/strict';
import test from 'node:test';
import { Excuses } from './excuses.ts';

function afterBurst(): Excuses {
  const excuses = new Excuses();
  excuses.begin('overload', 1000, 'chain')(2000);
  return excuses;
}

const cases = [
  { name: 'within a burst', status: 429, subject: 'chain', since: 1100, until: 1200, is: 'overload' },
  { name: 'that was asked before it', status: 504, subject: 'chain', since: 10, until: 1200, is: 'overload' },
  {
    name: 'that was asked within a second of its end',
    status: 8,
    subject: 'chain',
    since: 2900,
    until: 3900,
    is: 'overload',
  },
  { name: 'that was asked later', status: 429, subject: 'chain', since: 3100, until: 3200, is: undefined },
  { name: 'that came before it', status: 429, subject: 'chain', since: 10, until: 900, is: undefined },
  { name: 'of another model', status: 429, subject: 'digits', since: 1100, until: 1200, is: undefined },
  {
    name: 'that says that the server failed',
    status: 500,
    subject: 'chain',
    since: 1100,
    until: 1200,
    is: undefined,
  },
] as const;

for (const { name, is, ...refusal } of cases) {
  test(`a refusal ${name} is ${is === undefined ? 'not ' : ''}excused`, () => {
    assert.equal(afterBurst().of(refusal), is);
  });
}

test('what has not ended goes on', () => {
  const excuses = new Excuses();
  excuses.begin('thread killed', 0);
  assert.equal(excuses.of({ status: 500, subject: 'any', since: 9e6, until: 9e6 }), 'thread killed');
});

test('of very many only the latest are kept', () => {
  const excuses = new Excuses();
  for (let at = 0; at < 1000; at++) excuses.begin('overload', at * 10_000)(at * 10_000 + 1);
  const at = (since: number) => excuses.of({ status: 429, subject: 'a', since, until: since });
  assert.equal(at(0), undefined);
  assert.equal(at(9_990_000), 'overload');
});
