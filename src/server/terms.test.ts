import assert from 'node:assert/strict';
import test from 'node:test';
import { termsOf } from './terms.ts';

function of(headers: Record<string, string>) {
  return termsOf(7, name => headers[name]);
}

const read: readonly { title: string; headers: Record<string, string>; terms: object }[] = [
  { title: 'nothing, when nothing is said', headers: {}, terms: {} },
  { title: 'a deadline', headers: { 'x-deadline-ms': '250' }, terms: { deadlineMs: 250 } },
  { title: 'parts of a millisecond', headers: { 'x-deadline-ms': '0.5' }, terms: { deadlineMs: 0.5 } },
  { title: 'no time left', headers: { 'x-deadline-ms': '0' }, terms: { deadlineMs: 0 } },
  { title: 'a priority', headers: { 'x-priority': '2' }, terms: { priority: 2 } },
];

for (const { title, headers, terms } of read)
  test(`terms: ${title}`, () => {
    assert.deepEqual(of(headers), { since: 7, ...terms });
  });

const refused: readonly Record<string, string>[] = [
  { 'x-deadline-ms': '' },
  { 'x-deadline-ms': '-1' },
  { 'x-deadline-ms': '1e9' },
  { 'x-deadline-ms': 'soon' },
  { 'x-deadline-ms': '5, 6' },
  { 'x-deadline-ms': '99999999999' },
  { 'x-priority': '0' },
  { 'x-priority': '1.5' },
  { 'x-priority': 'high' },
];

for (const headers of refused)
  test(`terms that mean nothing are refused: ${JSON.stringify(headers)}`, () => {
    assert.throws(() => of(headers), { code: 'input_invalid', message: /the header x-/ });
  });
