import assert from 'node:assert/strict';
import test from 'node:test';
import { Random } from '../../fuzz/random.ts';
import type { Question } from '../clients/question.ts';
import { chained, LOOKUP_TABLE } from '../models/arithmetic.ts';
import { Factors } from './factors.ts';
import { askChain, askDigits, askLookup, askPoison, askScale, askTexts } from './questions.ts';

const random = new Random(1, 'questions', 0);
const factors = new Factors();

type Answer = Question['input']['data'];

/** Questions, and what a right server says to them. */
const cases: readonly { name: string; question: Question; right: (input: Answer) => Answer }[] = [
  { name: 'texts', question: askTexts(random), right: data => data },
  {
    name: 'lookup',
    question: askLookup(random),
    right: data => data.map(at => LOOKUP_TABLE[Number(at)] ?? 0),
  },
  { name: 'scale', question: askScale(factors)(random), right: data => data.map(value => Number(value) * 2) },
  { name: 'chain', question: askChain(random), right: data => chained(data as readonly number[]) },
];

for (const { name, question, right } of cases) {
  const { shape } = question.input;
  const told = { version: '1', shape, data: right(question.input.data) };
  test(`a right answer of ${name} is taken for right, with or without its version and shape`, () => {
    question.check(told);
    question.check({ ...told, version: undefined, shape: undefined });
  });
  test(`${name}: one wrong element, one too few, another version or shape is noticed`, () => {
    const [first, ...rest] = told.data;
    const other = typeof first === 'number' ? first + 1 : `${first}!`;
    assert.throws(() => question.check({ ...told, data: [other, ...rest] }), /WRONG ANSWER/);
    assert.throws(() => question.check({ ...told, data: told.data.slice(1) }), /WRONG ANSWER/);
    assert.throws(() => question.check({ ...told, version: '3' }), /version 3 answered/);
    assert.throws(() => question.check({ ...told, shape: [9] }), /has the shape 9/);
  });
}

test('the answer of one digit is not that of another', () => {
  const [one, two] = [askDigits(random), askDigits(random)];
  assert.throws(() => one.check({ version: undefined, shape: undefined, data: [0.5] }), /WRONG ANSWER/);
  assert.notDeepEqual(one.input.data, two.input.data);
});

test('an answer to what must fail is wrong', () => {
  assert.throws(() => askPoison().check({ version: '1', shape: [1], data: [0] }), /WRONG ANSWER/);
});
